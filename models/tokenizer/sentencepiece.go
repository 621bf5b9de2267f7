package tokenizer

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
)

// sentencePiece is what a SentencePiece model file says, as far as it matters here.
type sentencePiece struct {
	pieces      []string
	scores      []float64
	types       []uint64 // pieceNormal and so on
	modelType   uint64   // 1 Unigram, 2 BPE
	fallback    bool     // unknown characters as bytes
	charsmap    []byte
	dummyPrefix bool // a space before the text
	extraSpaces bool // spaces in a row are kept
}

// The types of pieces.
const (
	pieceUnknown = 2
	pieceControl = 3
	pieceUser    = 4
)

// parseSentencePiece reads the fields of the protocol buffer ModelProto.
func parseSentencePiece(data []byte) (*sentencePiece, error) {
	s := &sentencePiece{modelType: 1, dummyPrefix: true}
	err := eachField(data, func(number int, n uint64, raw []byte) error {
		switch number {
		case 1: // a piece
			text, score, typ := "", 0.0, uint64(1)
			err := eachField(raw, func(number int, n uint64, raw []byte) error {
				switch number {
				case 1:
					text = string(raw)
				case 2:
					score = float64(math.Float32frombits(uint32(n)))
				case 3:
					typ = n
				}
				return nil
			})
			s.pieces, s.scores, s.types = append(s.pieces, text), append(s.scores, score), append(s.types, typ)
			return err
		case 2: // how it was trained
			return eachField(raw, func(number int, n uint64, raw []byte) error {
				switch number {
				case 3:
					s.modelType = n
				case 35:
					s.fallback = n != 0
				}
				return nil
			})
		case 3: // its normaliser
			return eachField(raw, func(number int, n uint64, raw []byte) error {
				switch number {
				case 2:
					s.charsmap = raw
				case 3:
					s.dummyPrefix = n != 0
				case 4:
					s.extraSpaces = n == 0
				}
				return nil
			})
		}
		return nil
	})
	if err == nil && len(s.pieces) == 0 {
		err = fmt.Errorf("%w: no pieces", ErrFormat)
	}
	return s, err
}

// eachField calls yield with each field of a protocol buffer: its number, and its value or its bytes.
func eachField(data []byte, yield func(number int, n uint64, raw []byte) error) error {
	for len(data) > 0 {
		key, size := binary.Uvarint(data)
		if size <= 0 {
			return fmt.Errorf("%w: protocol buffer cut off", ErrFormat)
		}
		data = data[size:]
		var n uint64
		var raw []byte
		switch key & 7 {
		case 0:
			n, size = binary.Uvarint(data)
		case 1:
			if size = 8; len(data) >= 8 {
				n = binary.LittleEndian.Uint64(data)
			}
		case 2:
			var length uint64
			if length, size = binary.Uvarint(data); size > 0 && length <= uint64(len(data)-size) {
				raw = data[size : size+int(length)]
				size += int(length)
			} else {
				size = 0
			}
		case 5:
			if size = 4; len(data) >= 4 {
				n = uint64(binary.LittleEndian.Uint32(data))
			}
		default:
			return fmt.Errorf("%w: protocol buffer with wire type %d", ErrFormat, key&7)
		}
		if size <= 0 || size > len(data) {
			return fmt.Errorf("%w: protocol buffer cut off", ErrFormat)
		}
		data = data[size:]
		if err := yield(int(key>>3), n, raw); err != nil {
			return err
		}
	}
	return nil
}

// readSentencePiece makes a tokenizer of a SentencePiece model as transformers does: that of Llama for BPE, that of
// T5 for Unigram. The config's class says which tokens are put around a text.
func readSentencePiece(path string, c config) (*engine, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	s, err := parseSentencePiece(data)
	if err != nil {
		return nil, err
	}
	ids := make(map[string]int, len(s.pieces))
	unk := -1
	var special []string
	for id, t := range s.pieces {
		ids[t] = id
		switch s.types[id] {
		case pieceUnknown:
			unk = id
			special = append(special, t)
		case pieceControl, pieceUser:
			special = append(special, t)
		}
	}
	p := parts{}
	switch s.modelType {
	case 1:
		p.unigram(s, unk)
	case 2:
		if unk < 0 {
			return nil, fmt.Errorf("%w: no unknown piece", ErrFormat)
		}
		p.llama(s, ids, s.pieces[unk])
	default:
		return nil, fmt.Errorf("%w: a SentencePiece model of type %d: known are 1 (Unigram) and 2 (BPE)", ErrUnsupported, s.modelType)
	}
	if p["post_processor"], err = c.ends(ids, s.modelType); err != nil {
		return nil, err
	}
	return p.engine(c, s.pieces, special...)
}

// ends returns the template that the config's class has.
func (c *config) ends(ids map[string]int, modelType uint64) (any, error) {
	class, err := fieldOr(c.object, "tokenizer_class", map[uint64]string{1: "T5Tokenizer", 2: "LlamaTokenizer"}[modelType])
	if err != nil {
		return nil, err
	}
	before, after := "", ""
	switch strings.TrimSuffix(class, "Fast") {
	case "LlamaTokenizer", "GemmaTokenizer", "CodeLlamaTokenizer":
		bos, err := fieldOr(c.object, "add_bos_token", true)
		if err != nil {
			return nil, err
		}
		eos, err := fieldOr(c.object, "add_eos_token", false)
		if err != nil {
			return nil, err
		}
		if bos {
			before = orElse(c.tokens["bos_token"], "<s>")
		}
		if eos {
			after = orElse(c.tokens["eos_token"], "</s>")
		}
	case "T5Tokenizer":
		after = orElse(c.tokens["eos_token"], "</s>")
	default:
		return nil, &FieldError{"tokenizer_class", fmt.Errorf("%w %q for a SentencePiece model: known are LlamaTokenizer, GemmaTokenizer, "+
			"CodeLlamaTokenizer and T5Tokenizer; others need a tokenizer.json", ErrUnsupported, class)}
	}
	for _, t := range []string{before, after} {
		if _, ok := ids[t]; t != "" && !ok {
			return nil, fmt.Errorf("%w: %q is not in the model", ErrFormat, t)
		}
	}
	if before == "" && after == "" {
		return nil, nil
	}
	return ends(ids, before, after), nil
}

type dict = map[string]any

// unigram is the tokenizer of a Unigram model.
func (p parts) unigram(s *sentencePiece, unk int) {
	vocab := make([][2]any, len(s.pieces))
	for i, t := range s.pieces {
		vocab[i] = [2]any{t, s.scores[i]}
	}
	model := dict{"type": "Unigram", "vocab": vocab, "byte_fallback": s.fallback}
	if unk >= 0 {
		model["unk_id"] = unk
	}
	var rules []any
	if len(s.charsmap) > 0 {
		rules = append(rules, dict{"type": "Precompiled", "precompiled_charsmap": base64.StdEncoding.EncodeToString(s.charsmap)})
	}
	if !s.extraSpaces {
		rules = append(rules, dict{"type": "Strip", "strip_left": true, "strip_right": true},
			dict{"type": "Replace", "pattern": dict{"Regex": " {2,}"}, "content": " "})
	}
	if len(rules) > 0 {
		p["normalizer"] = dict{"type": "Sequence", "normalizers": rules}
	}
	scheme := "always"
	if !s.dummyPrefix {
		scheme = "never"
	}
	meta := dict{"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": scheme, "split": true}
	p["model"], p["pre_tokenizer"], p["decoder"] = model, meta, meta
}

// llama is the tokenizer of a BPE model. The merges follow from the scores.
func (p parts) llama(s *sentencePiece, ids map[string]int, unk string) {
	vocab := make(map[string]int, len(ids))
	for t, id := range ids {
		vocab[t] = id
	}
	p["model"] = dict{
		"type": "BPE", "vocab": vocab, "merges": s.merges(ids), "unk_token": unk, "fuse_unk": true, "byte_fallback": s.fallback,
	}
	rules := []any{dict{"type": "Replace", "pattern": dict{"String": " "}, "content": "\u2581"}}
	if s.dummyPrefix {
		rules = slices.Insert(rules, 0, any(dict{"type": "Prepend", "prepend": "\u2581"}))
	}
	p["normalizer"] = dict{"type": "Sequence", "normalizers": rules}
	steps := []any{
		dict{"type": "Replace", "pattern": dict{"String": "\u2581"}, "content": " "},
		dict{"type": "ByteFallback"}, dict{"type": "Fuse"},
	}
	if s.dummyPrefix {
		steps = append(steps, dict{"type": "Strip", "content": " ", "start": 1, "stop": 0})
	}
	p["decoder"] = dict{"type": "Sequence", "decoders": steps}
}

// merges returns the pairs that make the pieces, those of the best piece first.
func (s *sentencePiece) merges(ids map[string]int) [][2]string {
	type scored struct {
		pair  [2]string
		score float64
	}
	var all []scored
	for id, t := range s.pieces {
		if s.types[id] != 1 {
			continue
		}
		first := len(all)
		for i := range t {
			left, okLeft := ids[t[:i]]
			right, okRight := ids[t[i:]]
			if i > 0 && okLeft && okRight && s.types[left] == 1 && s.types[right] == 1 {
				all = append(all, scored{[2]string{t[:i], t[i:]}, s.scores[id]})
			}
		}
		slices.SortStableFunc(all[first:], func(a, b scored) int {
			return cmp.Or(ids[a.pair[0]]-ids[b.pair[0]], ids[a.pair[1]]-ids[b.pair[1]])
		})
	}
	slices.SortStableFunc(all, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	out := make([][2]string, len(all))
	for i, m := range all {
		out[i] = m.pair
	}
	return out
}
