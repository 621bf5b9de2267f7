package train

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/seam"
)

// identity says what a run consists of, part by part, in short or by a checksum. A checkpoint goes on only in a run of
// the same parts. The engine is none of them: a run may move to a faster one, if not to the same bits.
type identity map[string]string

// firstValues is the part that an adapter no longer shows once it was trained.
const firstValues = "adapter's first values"

// identify gives the run's identity, before its first step.
func (r *run) identify() (identity, error) {
	o := &r.opts
	id := identity{
		"batch size": fmt.Sprint(o.BatchSize), "longest text": fmt.Sprint(o.MaxLength), "seed": fmt.Sprint(o.Seed),
		"number of steps": fmt.Sprint(r.total), "steps between evaluations": fmt.Sprint(o.EvalEvery),
	}
	if o.Accumulate > 1 {
		id["batches of a step"] = fmt.Sprint(o.Accumulate)
	}
	if e := o.EarlyStopping; e != nil {
		id["early stopping"] = fmt.Sprintf("%d %v %s", e.Patience, e.MinDelta, e.Metric)
	}
	parts := map[string]func(io.Writer) error{
		"optimizer": r.writeOptimizer, "schedule": r.writeSchedule,
		"backbone": r.writeBackbone, "adapter's config": r.writeConfig, "adapter's fixed values": r.writeFixed,
		firstValues:     func(w io.Writer) error { return writeTensors(w, r.current()) },
		"training data": func(w io.Writer) error { return writeSource(w, r.source) },
	}
	if o.Loss != nil {
		parts["loss"] = func(w io.Writer) error { return r.stepper.objective.write(w, r.adapter) }
	}
	if r.evalSource != nil {
		parts["evaluation data"] = func(w io.Writer) error { return writeSource(w, r.evalSource) }
	}
	for name, write := range parts {
		h := sha256.New()
		if err := write(h); err != nil {
			return nil, err
		}
		id[name] = hex.EncodeToString(h.Sum(nil)[:8])
	}
	return id, nil
}

// differences names the parts that are not the same.
func (id identity) differences(other identity) []string {
	all := maps.Clone(id)
	maps.Copy(all, other)
	return slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(name string) bool { return id[name] == other[name] })
}

// writeOptimizer writes the optimiser's structure and all its numbers, as they act on two updates.
func (r *run) writeOptimizer(w io.Writer) error {
	fmt.Fprintln(w, r.plan.Key())
	for step := range 2 * r.opts.Accumulate {
		numbers, err := r.plan.Scalars(step+1, r.opts.Optimizer.Rate())
		if err != nil {
			return err
		}
		if err := binary.Write(w, binary.LittleEndian, numbers); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) writeSchedule(w io.Writer) error {
	for i := range r.total {
		if err := binary.Write(w, binary.LittleEndian, r.opts.Schedule.Factor(i, r.total)); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) writeBackbone(w io.Writer) error { return writeBackbone(w, r.Trainer.adapted.Backbone()) }

func writeBackbone(w io.Writer, b *peft.Backbone) error {
	fmt.Fprintf(w, "%s\n%v\n", b.Origin().Config, b.Info())
	for path, t := range b.Values() {
		if err := writeTensor(w, path, t); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) writeConfig(w io.Writer) error { return writeAdapterConfig(w, r.adapter) }

func writeAdapterConfig(w io.Writer, a *peft.Adapter) error {
	cfg := a.Config()
	raw, err := seam.MarshalConfig(cfg)
	if err != nil {
		return err
	}
	_, err = w.Write(raw)
	return err
}

// writeFixed writes the adapter's values that don't train.
func (r *run) writeFixed(w io.Writer) error {
	values := r.adapter.Values()
	for key := range r.current() {
		delete(values, key)
	}
	return writeTensors(w, values)
}

// writeSource writes how many batches there are and the first of them, and the examples where they are known.
func writeSource(w io.Writer, src data.Source) error {
	fmt.Fprintln(w, src.NumBatches())
	if l, ok := src.(loader); ok {
		for _, ex := range l.examples {
			fmt.Fprintf(w, "%q %q %d %q\n", ex.Text, ex.Pair, ex.Label.Kind(), ex.Label)
		}
	}
	for batch, err := range src.Epoch(0, 0) {
		if err != nil {
			return err
		}
		return writeTensors(w, batch.Tensors)
	}
	return nil
}

func writeTensors(w io.Writer, values peft.Tensors) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if err := writeTensor(w, name, values[name]); err != nil {
			return err
		}
	}
	return nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// writeTensor writes a tensor's shape and a checksum of its content, fast enough for a backbone of gigabytes.
func writeTensor(w io.Writer, name string, t *peft.Tensor) error {
	return t.ConstBytes(func(raw []byte) {
		fmt.Fprintf(w, "%q %s %08x\n", name, t.Shape(), crc32.Checksum(raw, castagnoli))
	})
}

// check refuses a checkpoint of another run. After a run in this process the adapter has the checkpoint's values
// instead of its first ones, which is as good.
func (id identity) check(c *checkpoint, trained bool) error {
	other := id.differences(c.Run)
	if trained {
		other = slices.DeleteFunc(other, func(name string) bool { return name == firstValues })
	}
	if len(other) == 0 {
		return nil
	}
	for i, name := range other {
		if now, then := id[name], c.Run[name]; len(now) < 16 && len(then) < 16 {
			other[i] = fmt.Sprintf("%s (%s then, %s now)", name, cmp.Or(then, "none"), cmp.Or(now, "none"))
		}
	}
	return foreignf(c.path, "it is of another run: other %s", strings.Join(other, ", "))
}
