package main

import (
	"fmt"
	"io"

	"github.com/schollz/progressbar/v3"

	"github.com/gopeft/gopeft/peft/train"
)

// progress shows how far training is: a bar on a terminal, else a line an epoch.
type progress interface {
	step(train.Step) error
	end() error
}

func newProgress(w io.Writer, screen bool, name string) progress {
	if screen {
		return &bar{w: w, name: name}
	}
	return &lines{w: w, name: name}
}

// bar is made at the first step, which tells how many there will be.
type bar struct {
	w    io.Writer
	name string
	bar  *progressbar.ProgressBar
}

func (b *bar) step(s train.Step) error {
	if b.bar == nil {
		b.bar = progressbar.NewOptions(s.Total, progressbar.OptionSetWriter(b.w), progressbar.OptionSetWidth(30),
			progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true))
	}
	b.bar.Describe(fmt.Sprintf("%-15s loss %.3f", b.name, s.Loss))
	return b.bar.Add(1)
}

func (b *bar) end() error {
	_, err := fmt.Fprintln(b.w)
	return err
}

// lines tells the last loss of each epoch.
type lines struct {
	w    io.Writer
	name string
	last train.Step
}

func (l *lines) step(s train.Step) error {
	if s.Epoch > l.last.Epoch && l.last.Step > 0 {
		if err := l.print(); err != nil {
			return err
		}
	}
	l.last = s
	return nil
}

func (l *lines) end() error {
	if l.last.Step == 0 {
		return nil
	}
	return l.print()
}

func (l *lines) print() error {
	_, err := fmt.Fprintf(l.w, "%-15s step %d/%d  loss %.3f\n", l.name, l.last.Step, l.last.Total, l.last.Loss)
	return err
}
