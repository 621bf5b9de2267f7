package tokenizer

import "strings"

// decoder turns tokens into the pieces of the text they make.
type decoder interface {
	decode(tokens []string) []string
}

func decoders() map[string]func(object) (decoder, error) {
	return map[string]func(object) (decoder, error){
		"WordPiece":    parseWordPieceDecoder,
		"ByteLevel":    func(object) (decoder, error) { return byteLevelDecoder{}, nil },
		"Metaspace":    func(o object) (decoder, error) { return parseMetaspace(o) },
		"BPEDecoder":   parseBPEDecoder,
		"ByteFallback": func(object) (decoder, error) { return byteFallbackDecoder{}, nil },
		"CTC":          parseCTC,
		"Fuse":         func(object) (decoder, error) { return fuse{}, nil },
		"Replace":      func(o object) (decoder, error) { return parseReplace(o) },
		"Strip":        parseStripDecoder,
		"Sequence": func(o object) (decoder, error) {
			list, err := components(o, "decoders", decoders)
			return decoderSequence(list), err
		},
	}
}

// wordPieceDecoder joins pieces that begin with the prefix to the one before and puts a space before others.
// With cleanup it also takes away the spaces that tokenization put before punctuation and contractions.
type wordPieceDecoder struct {
	prefix  string
	cleanup bool
}

func parseWordPieceDecoder(o object) (decoder, error) {
	var d wordPieceDecoder
	var err error
	if d.prefix, err = field[string](o, "prefix"); err != nil {
		return nil, err
	}
	d.cleanup, err = field[bool](o, "cleanup")
	return d, err
}

func (d wordPieceDecoder) decode(tokens []string) []string {
	out := make([]string, len(tokens))
	for i, t := range tokens {
		if i > 0 {
			if rest, ok := strings.CutPrefix(t, d.prefix); ok {
				t = rest
			} else {
				t = " " + t
			}
		}
		if d.cleanup {
			t = cleanup(t)
		}
		out[i] = t
	}
	return out
}

// cleanup replaces one after another, not all at once: an earlier replacement can make way for a later one.
func cleanup(s string) string {
	for _, r := range [...][2]string{
		{" .", "."}, {" ?", "?"}, {" !", "!"}, {" ,", ","}, {" ' ", "'"}, {" n't", "n't"}, {" 'm", "'m"},
		{" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"},
	} {
		s = strings.ReplaceAll(s, r[0], r[1])
	}
	return s
}
