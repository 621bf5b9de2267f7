package arch

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// CausalLM is the task of a head that predicts the next token.
const CausalLM = "causal-lm"

// Decoder is a causal language model, as GPT-2 and Llama: token embeddings, a stack of blocks and a head. A family fills one
// in from a config. It implements Network.
//
// Its outputs are "logits" [batch, sequence, vocabulary] for CausalLM, in which an adapter's virtual tokens have columns too,
// as in HF PEFT; "logits" [batch, classes] for SequenceClass, from the last token that is not padding; and
// "last_hidden_state" [batch, sequence, hidden] without a head.
type Decoder struct {
	About seam.Info
	Words string // path of the token embeddings, as "model.embed_tokens"
	Stack DecoderStack
	// EmbedScale multiplies token embeddings; 0 means 1.
	EmbedScale float64
	// LogitCap keeps the logits of a language model within -LogitCap..LogitCap, see SoftCap; 0 means no cap.
	LogitCap float64
	// Tied says that the language model's head has the weight of the token embeddings.
	Tied bool
	// Pad is the padding token's id, by which the last token of a sequence is found; -1 for none, and then only one sequence
	// at a time can be classified.
	Pad     int
	Problem string // problem_type, see SequenceLoss
	// KeepsHeadDim says that the width of a head stays what it is where a Mirror is narrower or has other heads.
	KeepsHeadDim bool
	// Again makes the decoder of the same config with other sizes, without a head; nil means that this can't be done. See Mirror.
	Again func(change func(*Config)) (*Decoder, *Config, error)
}

// DecoderStack is the part of a Decoder between token embeddings and head: positions, blocks and the last norm.
type DecoderStack interface {
	// Layout adds its sites and values.
	Layout(*Layout)
	// Forward gives the hidden states [batch, columns, hidden] of a sequence. Graph-building.
	Forward(c *seam.Call, seq seam.Sequence) *seam.Node
}

var _ Network = (*Decoder)(nil)

func (d *Decoder) layout() Layout {
	var l Layout
	h := d.About.Hidden
	l.Embedding(d.Words, "embedding", d.About.Vocab, h)
	l.Sites[0].Scale = d.EmbedScale
	l.Place(seam.Site{Path: d.inputs(), Kind: seam.Input, Role: "input", Layer: -1, In: h, Out: h})
	d.Stack.Layout(&l)
	body := len(l.Values)
	switch d.About.Head {
	case CausalLM:
		l.Linear(seam.Site{Path: "lm_head", Role: "head", Layer: -1, In: h, Out: d.About.Vocab, OutputEmbedding: true}, false)
		if d.Tied {
			l.Values[body] = Value{Path: l.Values[body].Path, Tied: d.Words + ".weight"}
		}
	case SequenceClass:
		l.Linear(seam.Site{Path: "score", Role: "head", Layer: -1, In: h, Out: len(d.About.Classes)}, false)
	}
	AsHead(l.Values[body:])
	return l
}

// inputs is the place of the input embeddings, under the name that transformers gives them as an argument.
func (d *Decoder) inputs() string { return BodyPath(d.About, "inputs_embeds") }

// Info implements seam.Model.
func (d *Decoder) Info() seam.Info { return d.About }

// Sites implements seam.Model.
func (d *Decoder) Sites() []seam.Site { return d.layout().Sites }

// Values implements Network.
func (d *Decoder) Values() []Value { return d.layout().Values }

// Forward implements seam.Model.
func (d *Decoder) Forward(c *seam.Call, in seam.Nodes) seam.Nodes {
	ids, labels := in["input_ids"], in["labels"]
	embeds := c.Embedding(d.Words, ids)
	if d.EmbedScale != 0 {
		embeds = graph.MulScalar(embeds, d.EmbedScale)
	}
	seq := c.Input(d.inputs(), seam.Sequence{Embeds: embeds, Mask: TokenMask(in)})
	x := d.Stack.Forward(c, seq)
	out := seam.Nodes{}
	switch d.About.Head {
	case CausalLM:
		out["logits"] = SoftCap(c.Linear("lm_head", c.Latest(x)), d.LogitCap)
		if labels != nil {
			out["loss"] = NextTokenLoss(out["logits"], labels, seq.Virtual)
		}
	case SequenceClass:
		out["logits"] = c.Linear("score", ColumnOf(x, d.last(ids, seq)))
		if labels != nil {
			out["loss"] = SequenceLoss(out["logits"], labels, d.Problem)
		}
	default:
		out["last_hidden_state"] = x
	}
	return out
}
