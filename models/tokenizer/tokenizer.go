package tokenizer

// Tokenizer turns text into token ids and back. It never changes after loading: all methods may be called
// from many goroutines at once.
//
// Text that is not valid UTF-8 is read as if each ill-formed part were U+FFFD, as Python's "replace" does;
// byte offsets still refer to the bytes given.
type Tokenizer interface {
	// Encode encodes one text. nil options mean the tokenizer file's truncation and padding, special tokens
	// added.
	Encode(text string, o *Options) (*Encoding, error)
	// EncodePair encodes two texts as one input, such as a question and its context.
	EncodePair(text, pair string, o *Options) (*Encoding, error)
	// EncodeBatch encodes texts, or pairs when pairs is not nil (then as long as texts), padded together.
	EncodeBatch(texts, pairs []string, o *Options) ([]*Encoding, error)
	// Decode returns the text of ids. Ids that are not in the vocabulary are left out, as are special tokens
	// if skipSpecial is set.
	Decode(ids []int32, skipSpecial bool) string
	// TokenToID returns the id of a token, and whether there is one.
	TokenToID(token string) (int32, bool)
	// IDToToken returns the token of an id, and whether there is one.
	IDToToken(id int32) (string, bool)
	// VocabSize returns the number of tokens, added ones included.
	VocabSize() int
	// Special returns the ids of the tokens with a part to play.
	Special() SpecialTokens
	// MaxLength returns the longest input of the model in tokens, by tokenizer_config.json; 0 if not known.
	MaxLength() int
}

// Options are the choices of one call. The zero value adds special tokens and truncates and pads as the
// tokenizer file says.
type Options struct {
	NoSpecialTokens bool        // leave out [CLS], [SEP] and the like
	Truncation      *Truncation // nil means the file's; &Truncation{} means none
	Padding         *Padding    // nil means the file's; &Padding{} means none
	Overflow        bool        // keep what truncation cuts off, in Encoding.Overflowing
}

// SpecialTokens are ids of tokens by their part; -1 where the tokenizer has none.
type SpecialTokens struct {
	Pad, Unk, CLS, Sep, Mask, BOS, EOS int32
}

// Direction is the side on which a sequence is cut or padded.
type Direction int

// The sides.
const (
	Right Direction = iota
	Left
)

// TruncationStrategy says which text of a pair is shortened.
type TruncationStrategy int

// The strategies. LongestFirst leaves both texts as even as it can.
const (
	LongestFirst TruncationStrategy = iota
	OnlyFirst
	OnlySecond
)

// Truncation limits the length of an encoding. The zero value limits nothing.
type Truncation struct {
	MaxLength int // tokens, special ones included; 0 means no limit
	Stride    int // tokens that an overflowing part shares with the part before
	Strategy  TruncationStrategy
	Direction Direction // the side that is cut off
}

// PaddingStrategy says to which length a batch is padded.
type PaddingStrategy int

// The strategies.
const (
	NoPadding  PaddingStrategy = iota
	PadLongest                 // to the longest encoding of the batch
	PadFixed                   // to Padding.Length; longer encodings stay as they are
)

// Padding fills encodings up to a common length. The zero value fills up nothing.
type Padding struct {
	Strategy   PaddingStrategy
	Length     int // of PadFixed, in tokens
	MultipleOf int // the length is rounded up to a multiple of it; 0 means any length
	Direction  Direction
	Token      string // "" means the tokenizer's pad token, with its id
	ID         int32  // of Token, unless that is ""
	TypeID     int32
}
