package generate

import "slices"

// Batch holds the prompts to continue, as token ids. [Generator.Encode] makes one from texts.
type Batch struct {
	// IDs holds one row of token ids for each prompt. Rows may differ in length: shorter ones are padded with
	// [Options.Pad], on the left for a decoder-only model and on the right for the encoder of an encoder-decoder.
	IDs [][]int32
	// Mask marks padding that IDs already contains: row by row, 1 for a token and 0 for padding. Nil means that every id
	// is a token.
	Mask [][]int32
	// Arguments are further arguments of the forward pass that the adapter asks for, such as "task_ids": a number for each
	// prompt. Most adapters ask for none.
	Arguments map[string][]int32
}

// Result holds the generated token ids. [Generator.Decode] turns the rows of [Result.New] into text.
type Result struct {
	// Sequences holds one row for each prompt, all of one length, as transformers' generate returns them. For a
	// decoder-only model a row is the prompt followed by the new tokens; for an encoder-decoder it is the decoder's start
	// token followed by the new tokens. Rows that ended early are padded on the right with [Options.Pad].
	Sequences [][]int32
	// Start is the index in a row of the first new token.
	Start int
	// Scores has one score for each row under beam search: the sum of the log-probabilities of its new tokens, divided by
	// their number to the power of [Options.LengthPenalty]. It is nil without beam search.
	Scores []float64
}

// New gives the new tokens of each row, without the prompt. The end-of-sequence token is included, and the padding of a
// row that ended before the longest. The rows share memory with Sequences.
func (r *Result) New() [][]int32 {
	out := make([][]int32, len(r.Sequences))
	for i, s := range r.Sequences {
		out[i] = s[r.Start:]
	}
	return out
}

// aligned checks a batch and brings its rows to one length.
func (b Batch) aligned(vocab int, pad *int32, left bool) (Batch, error) {
	if len(b.IDs) == 0 {
		return b, promptf("there is none")
	}
	if b.Mask != nil && len(b.Mask) != len(b.IDs) {
		return b, promptf("there are %d rows of ids, but %d of the mask", len(b.IDs), len(b.Mask))
	}
	longest := 0
	for _, row := range b.IDs {
		longest = max(longest, len(row))
	}
	for name, numbers := range b.Arguments {
		if len(numbers) != len(b.IDs) {
			return b, promptf("there are %d rows of ids, but %d numbers of %s", len(b.IDs), len(numbers), name)
		}
	}
	out := Batch{Arguments: b.Arguments}
	for i, row := range b.IDs {
		mask := slices.Repeat([]int32{1}, len(row))
		if b.Mask != nil {
			mask = b.Mask[i]
		}
		if len(mask) != len(row) {
			return b, promptf("row %d has %d ids, but %d values of the mask", i, len(row), len(mask))
		}
		if !slices.Contains(mask, 1) {
			return b, promptf("row %d is empty", i)
		}
		for j, id := range row {
			if id < 0 || int(id) >= vocab {
				return b, promptf("row %d: id %d at %d is outside the vocabulary of %d", i, id, j, vocab)
			}
			if mask[j] != 0 && mask[j] != 1 {
				return b, promptf("row %d: the mask is %d at %d, neither 0 nor 1", i, mask[j], j)
			}
		}
		if left && mask[len(mask)-1] == 0 {
			return b, promptf("row %d ends in padding: a decoder's prompts have it on the left", i)
		}
		if n := longest - len(row); n > 0 {
			if pad == nil {
				return b, promptf("rows differ in length, and neither the options nor the backbone's folder have a pad_token_id or an eos_token_id")
			}
			fill, none := slices.Repeat([]int32{*pad}, n), make([]int32, n)
			if left {
				row, mask = slices.Concat(fill, row), slices.Concat(none, mask)
			} else {
				row, mask = slices.Concat(row, fill), slices.Concat(mask, none)
			}
		}
		out.IDs, out.Mask = append(out.IDs, row), append(out.Mask, mask)
	}
	return out, nil
}

// repeated gives each row n times, one copy behind the other.
func repeated[T any](rows []T, n int) []T {
	out := make([]T, 0, len(rows)*n)
	for _, row := range rows {
		for range n {
			out = append(out, row)
		}
	}
	return out
}
