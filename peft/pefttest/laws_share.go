package pefttest

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// rowBound allows for sums over rows of another batch.
const rowBound = 1e-6

func lawTwo(tr *trial) {
	a := tr.stirred("a")
	want, values := tr.logits(a, peft.Use("a")), valuesOf(a, "a")
	mustBeAsAlone := func(when string) {
		tr.mustBeSame("outputs of an adapter "+when, want, tr.logits(a, peft.Use("a")))
		tr.mustEqualValues("an adapter "+when, values, valuesOf(a, "a"))
	}
	tr.add(a, "b")
	mustBeAsAlone("beside another")
	other := tr.logits(a, peft.Use("b"))
	tr.mustBeSame("outputs of the second adapter", tr.logits(tr.stirred("b"), peft.Use("b")), other)
	tr.stir(a, "b", 77)
	mustBeAsAlone("after another changed")
	tr.ok(a.Delete("b"))
	mustBeAsAlone("after another was deleted")
	if err := a.Attach("a", tr.cfg, fed(tr.cfg)...); !errors.Is(err, peft.ErrAdapter) {
		tr.failf("a name that is taken: want ErrAdapter, got: %v", err)
	}
	tr.add(a, "b")
	tr.mustBeSame("outputs of an adapter attached again", other, tr.logits(a, peft.Use("b")))
}

func lawRows(tr *trial) {
	a := tr.stirred("a", "b")
	var n builds
	p := n.program(false)
	for _, rows := range [][]string{{"a", "", "b", "a"}, {"b", "b", "", "a"}, {"", "", "", ""}} {
		sel := peft.Rows(rows...).Among("a", "b")
		out, err := a.Run(tr.ctx, p, sel, tr.input(4, 0), nil, nil)
		if errors.Is(err, peft.ErrUnsupported) && tr.addsColumns() {
			return
		}
		tr.ok(err)
		for i, name := range rows {
			alone := peft.Base()
			if name != "" {
				alone = peft.Use(name)
			}
			tr.mustBeNear(fmt.Sprintf("row %d, %q of rows %q", i, name, rows), row(tr.logits(a, alone), i), row(out[0], i), rowBound)
		}
	}
	if n != 1 {
		tr.failf("%d graphs were built for 3 assignments of rows, want 1", n)
	}
}

// addsColumns reports whether the method's hooks are ones that can't be told apart by rows.
func (tr *trial) addsColumns() bool {
	_, attention := tr.method().(seam.AttentionHook)
	_, input := tr.method().(seam.InputHook)
	return attention || input
}

// row takes one row of logits.
func row(t *peft.Tensor, i int) *peft.Tensor {
	n := t.Shape().Dimensions[1]
	return tensors.FromValue(floatsOf(t)[i*n : (i+1)*n])
}

// lawConcurrent runs adapters and the bare backbone at once, on graphs that are not built yet, while the values of "c"
// change to and fro and another adapter comes and goes. Every call must see one published set of values.
func lawConcurrent(tr *trial) {
	const rounds, workers = 4, 2
	selections := []peft.Selection{peft.Base(), peft.Use("a"), peft.Use("b"), peft.Use("c")}
	if !tr.addsColumns() {
		selections = append(selections, peft.Rows("c", "a", "", "c"))
	}
	alone := tr.stirred("a", "b", "c")
	sets := []peft.Tensors{tr.moved(alone, "c", 8), tr.moved(alone, "c", 9)}
	want := make([][]*peft.Tensor, len(selections)) // what each selection gives with each set
	for _, set := range sets {
		tr.ok(publish(get(alone.Adapter("c")), set))
		for i, sel := range selections {
			want[i] = append(want[i], tr.logits(alone, sel))
		}
	}

	a := tr.stirred("a", "b", "c")
	changing := get(a.Adapter("c"))
	tr.ok(changing.Set(changing.Config(), sets[0]))
	var callers, changer sync.WaitGroup
	done := make(chan struct{})
	errs := make(chan error, len(selections)*workers+1)
	for range workers {
		for i, sel := range selections {
			callers.Go(func() { errs <- caught(func() error { return tr.forwards(a, sel, want[i], rounds) }) })
		}
	}
	changer.Go(func() {
		errs <- caught(func() (failed error) {
			for i := 0; failed == nil; i++ {
				select {
				case <-done:
					return nil
				default:
				}
				failed = changing.Set(changing.Config(), sets[i%2])
				if passing := fmt.Sprintf("passing%d", i); i%50 == 0 {
					failed = errors.Join(failed, a.Attach(passing, tr.cfg, fed(tr.cfg)...), a.Delete(passing))
				}
			}
			return failed
		})
	})
	callers.Wait()
	close(done)
	changer.Wait()
	close(errs)
	for err := range errs {
		tr.ok(err)
	}
}

// forwards runs the same batch several times; the outputs must be one of want.
func (tr *trial) forwards(a *peft.Adapted, sel peft.Selection, want []*peft.Tensor, rounds int) error {
	for range rounds {
		out, err := a.Forward(tr.ctx, sel, tr.input(4, 0))
		if err != nil {
			return err
		}
		got := out["logits"]
		if !slices.ContainsFunc(want, func(w *peft.Tensor) bool { return same(w, got) }) {
			return fmt.Errorf("outputs of %s beside other calls are those of no set of values: %v", sel, floatsOf(got))
		}
	}
	return nil
}

// caught turns a panic, which would take a goroutine and the program down, into an error.
func caught(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return f()
}
