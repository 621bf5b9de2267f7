package arch

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// EncoderDecoder is a model that reads one text and writes another, as BART and T5 (Sutskever et al. 2014, arXiv:1409.3215,
// with the attention of Vaswani et al. 2017, arXiv:1706.03762). Its encoder reads the source, and its decoder writes the
// target token by token, attending to what it wrote and to the encoder's output. A family fills one in from a config. It
// implements Network.
//
// Its arguments are "input_ids" and "attention_mask" [batch, sequence] of the source, "decoder_input_ids" and
// "decoder_attention_mask" [batch, columns] of the target, and the task's labels. Where decoder_input_ids are not given, the
// start token and the labels but the last stand for them in Seq2SeqLM; in classification and question answering, and where
// ShiftSource says so, the start token and the source but its last token. All as in transformers.
//
// Its outputs are those of the head, and "encoder_last_hidden_state" [batch, sequence, hidden], in which an adapter's virtual
// tokens have columns too, as in HF PEFT. "last_hidden_state" is the decoder's where there is no head, and the encoder's
// for EncoderOnly.
type EncoderDecoder struct {
	About seam.Info
	Words string // path of the token embeddings that both stacks share, as "shared"
	// Tied says that they do share them, with the head too; else each has its own.
	Tied bool
	// Scale of the token embeddings.
	Scale   float64
	Encoder EncoderStack
	Decoder MemoryStack
	Head    Head // nil where there is none
	// Start and Pad are the ids of the token a target begins with and of padding, EOS that of the token a source ends
	// with, by which it is classified.
	Start, Pad, EOS int
	// ShiftSource lets the source stand for a target that is not given even without a head that needs it, as BART does.
	ShiftSource bool
	Problem     string // problem_type, see SequenceLoss
}

// EncoderStack is the part of an EncoderDecoder between the source's token embeddings and the encoder's output.
type EncoderStack interface {
	// Layout adds its sites and values.
	Layout(*Layout)
	// Forward gives the hidden states [batch, columns, hidden] of a sequence. Graph-building.
	Forward(c *seam.Call, seq seam.Sequence) *seam.Node
}

// MemoryStack is the part of an EncoderDecoder between the target's token embeddings and the head.
type MemoryStack interface {
	// Layout adds its sites and values.
	Layout(*Layout)
	// Forward gives the hidden states [batch, columns, hidden] of a sequence that attends to an encoder's output.
	// Graph-building.
	Forward(c *seam.Call, seq seam.Sequence, from Memory) *seam.Node
}

// Memory is the encoder's output [batch, sequence, hidden] and its mask [batch, sequence], to which a decoder attends. Both are
// nil in a step of generation, which has kept the keys and values made of them; so they may be read inside of
// seam.Call.Memory only.
type Memory struct{ Hidden, Mask *seam.Node }

// Keys gives the keys and values, in heads, that the linear maps at the paths key and value make of the memory.
func (m Memory) Keys(c *seam.Call, key, value string, heads int) seam.KV {
	return seam.KV{K: Split(c.Linear(key, m.Hidden), heads), V: Split(c.Linear(value, m.Hidden), heads), Mask: m.Mask}
}

var _ Network = (*EncoderDecoder)(nil)

// Info implements seam.Model.
func (n *EncoderDecoder) Info() seam.Info { return n.About }

// Forward implements seam.Model.
func (n *EncoderDecoder) Forward(c *seam.Call, in seam.Nodes) seam.Nodes {
	var from Memory
	c.Encode(func() { from = n.Encode(c, in) })
	if n.About.Head == EncoderOnly {
		return n.Head.Outputs(c, in, from.Hidden, from.Mask)
	}
	ids := n.target(in)
	mask := in["decoder_attention_mask"]
	x, seq := n.Decode(c, ids, mask, from)
	if n.About.Head == SequenceClass {
		x = graph.InsertAxes(ColumnOf(x, lastEqual(in["input_ids"], n.EOS)), 1)
	}
	out := seam.Nodes{"last_hidden_state": x}
	if n.Head != nil {
		out = n.Head.Outputs(c, in, x, seq.Mask)
	}
	if from.Hidden != nil {
		out["encoder_last_hidden_state"] = from.Hidden
	}
	return out
}

// Encode runs the encoder on "input_ids" and "attention_mask". Graph-building.
func (n *EncoderDecoder) Encode(c *seam.Call, in seam.Nodes) Memory {
	seq := c.Input(n.path("inputs_embeds"), n.sequence(c, n.encoderWords(), in["input_ids"], in["attention_mask"]))
	return Memory{Hidden: n.Encoder.Forward(c, seq), Mask: seq.Mask}
}

// Decode runs the decoder on target ids [batch, columns] with their mask (nil means that all are tokens). It gives the
// hidden states and the sequence that adapters made of the target. Graph-building.
func (n *EncoderDecoder) Decode(c *seam.Call, ids, mask *seam.Node, from Memory) (*seam.Node, seam.Sequence) {
	seq := c.Input(n.path("decoder_inputs_embeds"), n.sequence(c, n.decoderWords(), ids, mask))
	return n.Decoder.Forward(c, seq, from), seq
}

func (n *EncoderDecoder) sequence(c *seam.Call, words string, ids, mask *seam.Node) seam.Sequence {
	x := c.Embedding(words, ids)
	if n.Scale != 1 {
		x = graph.MulScalar(x, n.Scale)
	}
	return seam.Sequence{Embeds: x, Mask: maskOf(ids, mask)}
}

// target gives the decoder's ids.
func (n *EncoderDecoder) target(in seam.Nodes) *seam.Node {
	if ids := in["decoder_input_ids"]; ids != nil {
		return ids
	}
	if labels := in["labels"]; labels != nil && n.About.Head == Seq2SeqLM {
		return shiftRight(labels, n.Start, n.Pad)
	}
	return shiftRight(in["input_ids"], n.Start, n.Pad)
}

// shiftRight moves ids [batch, columns] right by one, behind a start token; an ignored label becomes padding.
func shiftRight(ids *seam.Node, start, pad int) *seam.Node {
	d, id := ids.Shape().Dimensions, func(v int) *seam.Node { return graph.Scalar(ids.Graph(), ids.DType(), v) }
	first := graph.BroadcastToDims(id(start), d[0], 1)
	if d[1] > 1 {
		rest := graph.Slice(ids, graph.AxisRange(), graph.AxisRange(0, d[1]-1))
		rest = graph.Where(graph.Equal(rest, id(IgnoreIndex)), graph.BroadcastToShape(id(pad), rest.Shape()), rest)
		first = graph.Concatenate([]*seam.Node{first, rest}, 1)
	}
	return first
}
