package arch

import "github.com/gopeft/gopeft/peft/seam"

func (n *EncoderDecoder) path(part string) string { return BodyPath(n.About, part) }
func (n *EncoderDecoder) encoderWords() string    { return n.path("encoder.embed_tokens") }
func (n *EncoderDecoder) decoderWords() string    { return n.path("decoder.embed_tokens") }

// Sites implements seam.Model.
func (n *EncoderDecoder) Sites() []seam.Site {
	sites := n.body().Sites
	if n.Head != nil {
		sites = append(sites, n.Head.Sites()...)
	}
	return sites
}

// Values implements Network.
func (n *EncoderDecoder) Values() []Value {
	values := n.body().Values
	if n.Head != nil {
		values = append(values, n.Head.Values()...)
	}
	return values
}

// body lays the two stacks out.
func (n *EncoderDecoder) body() Layout {
	l := Layout{Values: []Value{{Path: n.Words + ".weight", Shape: []int{n.About.Vocab, n.About.Hidden}}}}
	n.stack(&l, "encoder", "", "inputs_embeds", n.encoderWords(), n.Encoder.Layout)
	if n.About.Head != EncoderOnly {
		n.stack(&l, "decoder", "decoder-", "decoder_inputs_embeds", n.decoderWords(), n.Decoder.Layout)
	}
	return l
}

// stack lays one out; before stands before the roles of what both have.
func (n *EncoderDecoder) stack(l *Layout, name, before, inputs, words string, rest func(*Layout)) {
	h, sites, values := n.About.Hidden, len(l.Sites), len(l.Values)
	l.Embedding(words, before+"embedding", n.About.Vocab, h)
	l.Sites[sites].Scale = n.Scale
	if n.Tied {
		l.Values[values] = Value{Path: words + ".weight", Tied: n.Words + ".weight"}
	}
	l.Place(seam.Site{Path: n.path(inputs), Kind: seam.Input, Role: before + "input", Layer: -1, In: h, Out: h})
	rest(l)
	for i := range l.Sites[sites:] {
		l.Sites[sites+i].Stack = name
	}
}
