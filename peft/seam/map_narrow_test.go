package seam

import "testing"

// A chain is folded into the weight where the products say so: a wide one that many rows meet, never a token at a time.
func TestNarrowFolds(t *testing.T) {
	for _, c := range []struct {
		rows, width, in, out int
		training, want       bool
	}{
		{2048, 384, 384, 384, true, true}, // RandLoRA on a batch of 16 times 128
		{2048, 256, 384, 384, true, true}, // VeRA of its default rank
		{2048, 8, 384, 384, true, false},  // LoRA's rank
		{2048, 8, 384, 384, false, true},  // which a forward pass takes at once
		{1, 4096, 4096, 4096, false, false},
		{16, 256, 4096, 4096, false, false},
	} {
		at := &At{Call: &Call{training: c.training}, Site: Site{In: c.in, Out: c.out}, slot: &slot{}}
		if got := at.Narrow(nil, c.width).(*narrowMap).foldsFor(c.rows); got != c.want {
			t.Errorf("%+v: folds %t", c, got)
		}
	}
}
