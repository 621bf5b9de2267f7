package seam

// Narrow gives the map m, which goes from the site's input to its output through width numbers that have few products between
// them and both, as A and B of a low-rank update. Plus takes it as a matrix where that costs less than passing x through it: a
// wide one that many rows meet. m must have no part that is more than its matrix, as Dropped while training.
func (at *At) Narrow(m Map, width int) Map { return &narrowMap{m, at, width} }

type narrowMap struct {
	m     Map
	at    *At
	width int
}

// foldsFor compares what is multiplied. In a forward pass a chain costs width (in + out) for each row, and its matrix
// width·in·out once, after which it is part of the frozen one. While training there is as much again on the way back, and the
// gradient of the matrix: in·out for each row.
func (m *narrowMap) foldsFor(rows int) bool {
	in, out := m.at.Site.In, m.at.Site.Out
	if m.at.Site.Kind != Linear || m.at.ByRow() {
		return false
	}
	chain, once := rows*m.width*(in+out), m.width*in*out
	if m.at.training {
		return rows*in*out+3*once < 2*chain
	}
	return once < chain
}

func (m *narrowMap) Apply(x *Node) *Node           { return m.m.Apply(x) }
func (m *narrowMap) ApplyTransposed(y *Node) *Node { return right(y, m.m) }
func (m *narrowMap) Matrix() *Node                 { return m.m.Matrix() }

func (m *narrowMap) read(x *Node) (*Node, bool) {
	if r, ok := m.m.(reader); ok {
		return r.read(x)
	}
	return nil, false
}

// rowsOf is how many rows x [batch, …, width] has.
func rowsOf(x *Node) int {
	d := x.Shape().Dimensions
	return x.Shape().Size() / d[len(d)-1]
}
