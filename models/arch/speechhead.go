package arch

import "github.com/gopeft/gopeft/peft/seam"

// CTCHead transcribes speech. It gives each frame of a sound logits over a vocabulary, "logits" [batch, frames, vocabulary],
// and the CTC loss of labels [batch, count], the tokens of the transcript. "tokens" int32 [batch, frames], which
// transformers leaves to its users, is the likeliest transcript: each token at its first frame, IgnoreIndex elsewhere.
type CTCHead struct {
	Path          string
	Hidden, Vocab int
	Dropout       float64
	CTC           CTC
}

// Sites implements Head.
func (h *CTCHead) Sites() []seam.Site { return []seam.Site{headSite(h.Path, h.Hidden, h.Vocab)} }

// Values implements Head.
func (h *CTCHead) Values() []Value { return AsHead(SiteValues(h.Sites())) }

// Outputs implements Head.
func (h *CTCHead) Outputs(c *seam.Call, in seam.Nodes, x, mask *seam.Node) seam.Nodes {
	out := seam.Nodes{"logits": c.Linear(h.Path, c.Dropout(x, h.Dropout))}
	out["tokens"] = h.CTC.Read(out["logits"], mask)
	if labels := in["labels"]; labels != nil {
		out["loss"] = h.CTC.Loss(out["logits"], frameCounts(mask), labels)
	}
	return out
}

// FrameMeanHead classifies a waveform by the mean of its projected frames: "logits" [batch, classes].
type FrameMeanHead struct {
	Projector, Classifier      string
	Hidden, Projected, Classes int
}

// Sites implements Head.
func (h *FrameMeanHead) Sites() []seam.Site {
	return []seam.Site{
		{Path: h.Projector, Kind: seam.Linear, Role: "pooler", Layer: -1, In: h.Hidden, Out: h.Projected},
		headSite(h.Classifier, h.Projected, h.Classes),
	}
}

// Values implements Head.
func (h *FrameMeanHead) Values() []Value { return AsHead(SiteValues(h.Sites())) }

// Outputs implements Head.
func (h *FrameMeanHead) Outputs(c *seam.Call, in seam.Nodes, x, mask *seam.Node) seam.Nodes {
	out := seam.Nodes{"logits": c.Linear(h.Classifier, mean(c.Linear(h.Projector, x), mask))}
	if labels := in["labels"]; labels != nil {
		out["loss"] = CrossEntropy(out["logits"], labels, IgnoreIndex)
	}
	return out
}

// framesHead is the bare model: "mean_embedding" [batch, hidden], the mean of the frames, which transformers does not
// have.
type framesHead struct{}

// Sites implements Head.
func (framesHead) Sites() []seam.Site { return nil }

// Values implements Head.
func (framesHead) Values() []Value { return nil }

// Outputs implements Head.
func (framesHead) Outputs(_ *seam.Call, _ seam.Nodes, x, mask *seam.Node) seam.Nodes {
	return seam.Nodes{"mean_embedding": mean(x, mask)}
}
