package peft

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft/seam"
)

// resolveRows is resolve for a batch in which each row has an adapter of its own. Adapters whose method has formulas
// for that, and that build the same graph, share a slot: their values are stacked, and each row takes its own, so
// that the cost does not grow with their number. The others are computed one by one for the whole batch, and each row
// takes the result of its own.
func (a *Adapted) resolveRows(sel Selection) (*active, error) {
	pool := sel.pool
	if pool == nil {
		for _, n := range sel.rows {
			if n != "" && !slices.Contains(pool, n) {
				pool = append(pool, n)
			}
		}
		slices.Sort(pool)
	}
	members := make([]*Adapter, len(pool))
	for i, n := range pool {
		ad, err := a.Adapter(n)
		if err != nil {
			return nil, err
		}
		members[i] = ad
	}
	of := make([]int, len(sel.rows)) // index into the pool, -1 for the bare backbone
	for i, n := range sel.rows {
		of[i] = slices.Index(pool, n)
		if n != "" && of[i] < 0 {
			return nil, fmt.Errorf("%w: row %d names %q, which is not among %v", ErrAdapter, i, n, pool)
		}
	}
	on, err := a.resizedRows(sel, members, of)
	if err != nil {
		return nil, err
	}
	act := &active{on: on, branches: []activeBranch{{}}}
	stacks := map[string][]int{}
	var order []string
	rowBranch := make([]int, len(members))
	for i, m := range members {
		r, ok := m.method.(seam.Rower)
		_, regular := m.method.(seam.Regularizer)
		if !ok || !r.RowsOK() || regular || m.plan.Alone {
			rowBranch[i] = len(act.branches)
			act.slots = append(act.slots, m.slot())
			act.branches = append(act.branches, activeBranch{slots: []int{len(act.slots) - 1}, row: rowBranch[i]})
			continue
		}
		k := m.cfg.PEFTType() + "\x00" + m.method.GraphKey()
		if stacks[k] == nil {
			order = append(order, k)
		}
		stacks[k] = append(stacks[k], i)
	}
	for _, k := range order {
		which := stacks[k]
		group := make([]*Adapter, len(which))
		for j, i := range which {
			group[j] = members[i]
		}
		s, err := a.stacks.get(group, func(now []*snapshot) (activeSlot, error) { return a.stack(group, now) })
		if err != nil {
			return nil, err
		}
		s.rows = make([]int32, len(of))
		for r, m := range of {
			s.rows[r] = int32(slices.Index(which, m) + 1)
		}
		act.slots = append(act.slots, s)
		act.branches[0].slots = append(act.branches[0].slots, len(act.slots)-1)
	}
	// Stacked slots are neutral for rows that are not theirs, so every branch may carry them; a row of another
	// branch simply takes that one's result.
	act.rows = make([]int32, len(of))
	for i, m := range of {
		if m >= 0 {
			act.rows[i] = int32(rowBranch[m])
		}
	}
	if len(act.branches) == 1 {
		act.rows = nil
	}
	return act, nil
}

// stack joins the values of several adapters under a new first axis. Entry 0 is that of rows without any of them, and
// has no effect. Smaller ranks and missing modules are filled up with each value's Fill, which has none either.
func (a *Adapted) stack(group []*Adapter, now []*snapshot) (activeSlot, error) {
	out := activeSlot{adapter: group[0]}
	index := map[string]int{}
	for _, m := range group {
		for _, p := range m.plan.Params {
			id := p.Site + "\x00" + p.Name
			j, ok := index[id]
			if !ok {
				index[id] = len(out.params)
				p.Shape = slices.Clone(p.Shape)
				out.params = append(out.params, p)
				continue
			}
			if q := &out.params[j]; len(q.Shape) == len(p.Shape) {
				for d := range q.Shape {
					q.Shape[d] = max(q.Shape[d], p.Shape[d])
				}
			}
		}
		for _, s := range m.plan.Sites {
			if !slices.Contains(out.sites, s) {
				out.sites = append(out.sites, s)
			}
		}
	}
	for j := range out.params {
		t, err := a.stackParam(&out.params[j], group, now)
		if err != nil {
			return out, err
		}
		out.values = append(out.values, t)
	}
	out.key = slotKey(group[0], out.params, out.sites, len(group)+1)
	return out, nil
}

// stackParam joins one value of all adapters.
func (a *Adapted) stackParam(p *seam.Param, group []*Adapter, now []*snapshot) (*Tensor, error) {
	n := p.Size()
	all := make([]float32, (len(group)+1)*n)
	neutral := func(dst []float32) error {
		if p.Replaces != "" {
			flat, err := a.backbone.net.Replaced(p)
			copy(dst, flat)
			return err
		}
		for i := range dst {
			dst[i] = p.Fill
		}
		return nil
	}
	if err := neutral(all[:n]); err != nil {
		return nil, err
	}
	for k, m := range group {
		dst := all[(k+1)*n : (k+2)*n]
		if err := neutral(dst); err != nil {
			return nil, err
		}
		own := m.plan.Params
		j := slices.IndexFunc(own, func(q seam.Param) bool { return q.Site == p.Site && q.Name == p.Name })
		if j < 0 {
			continue
		}
		flat, err := safetensors.Floats(now[k].values[j]) // of one snapshot: values may be published while this runs
		if err != nil {
			return nil, err
		}
		copyPadded(dst, p.Shape, flat, own[j].Shape)
	}
	return tensors.FromFlatDataAndDimensions(all, append([]int{len(group) + 1}, p.Shape...)...), nil
}

// copyPadded copies src into the low corner of dst.
func copyPadded(dst []float32, dstShape []int, src []float32, srcShape []int) {
	if len(srcShape) == 0 {
		dst[0] = src[0]
		return
	}
	if len(srcShape) == 1 {
		copy(dst, src[:srcShape[0]])
		return
	}
	dn, sn := len(dst)/dstShape[0], len(src)/srcShape[0]
	for i := range srcShape[0] {
		copyPadded(dst[i*dn:(i+1)*dn], dstShape[1:], src[i*sn:(i+1)*sn], srcShape[1:])
	}
}
