package peft

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/gopeft/gopeft/peft/seam"
)

// Summary is a table for people: the model's modules with what each adapter keeps there, and the counts of
// parameters.
func (a *Adapted) Summary() string {
	if a.none() {
		return ""
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "site\tkind\tshape\tadapter\tvalues\ttrainable")
	for _, s := range a.backbone.net.Sites() {
		shape := fmt.Sprintf("%d -> %d", s.In, s.Out)
		if s.Kind != seam.Linear && s.Kind != seam.Embedding {
			shape = fmt.Sprint(s.Out)
		}
		rows := 0
		for _, name := range a.Names() {
			ad, err := a.Adapter(name)
			if err != nil {
				continue // deleted meanwhile
			}
			values, n := ad.at(s.Path)
			if len(values) > 0 {
				rows++
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\n", s.Path, s.Kind, shape, name, strings.Join(values, " "), n)
			}
		}
		if rows == 0 {
			fmt.Fprintf(w, "%s\t%s\t%s\t\t\t\n", s.Path, s.Kind, shape)
		}
	}
	w.Flush()
	trainable, total := a.NumTrainable(), a.NumTotal()
	fmt.Fprintf(&b, "trainable params: %d || all params: %d || trainable%%: %.4f\n", trainable, total, 100*float64(trainable)/float64(total))
	return b.String()
}

// at lists the names of the values kept at a site and counts the trainable parameters among them.
func (a *Adapter) at(path string) ([]string, int) {
	var names []string
	n := 0
	for i := range a.plan.Params {
		p := &a.plan.Params[i]
		if p.Site != path || p.Const != nil {
			continue
		}
		names = append(names, fmt.Sprintf("%s%v", p.Name, p.Shape))
		if p.Trains() {
			n += p.Size()
		}
	}
	return names, n
}

// NumTrainable counts the parameters that training changes, over all adapters.
func (a *Adapted) NumTrainable() int { return a.sum((*Adapter).NumTrainable) }

// NumTotal counts the model's parameters and those that the adapters add, as HF PEFT's "all params".
func (a *Adapted) NumTotal() int { return a.Backbone().NumParams() + a.sum((*Adapter).NumAdded) }

func (a *Adapted) sum(count func(*Adapter) int) int {
	if a == nil {
		return 0
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	n := 0
	for _, ad := range a.adapters {
		n += count(ad)
	}
	return n
}
