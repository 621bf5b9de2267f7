package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gopeft/gopeft/internal/sample"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
)

const (
	seed      = 1  // of everything that is drawn
	batchSize = 16 // sentences
)

// material is what is trained and on what.
type material struct {
	backbone    *peft.Backbone
	tokenizer   tokenizer.Tokenizer
	train, eval []data.Example
	evalSource  *data.Loader
	labels      []string
	length      int // tokens; longer texts are cut
	epochs      int
}

// open reads the backbone and the data, those of package sample where there are no others.
func open(s settings) (*material, error) {
	folder, err := os.MkdirTemp("", "quickstart-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	if err := sample.Export(folder); err != nil {
		return nil, err
	}
	m := &material{epochs: s.epochs, length: 128}
	if s.backbone == "" {
		s.backbone = folder
	}
	if s.train == "" {
		s.train, s.eval = filepath.Join(folder, sample.TrainFile), filepath.Join(folder, sample.EvalFile)
		m.length = 24 // holds nearly all of these sentences
	}
	if m.train, err = data.ReadJSONL(s.train, data.Fields{}); err != nil {
		return nil, err
	}
	if m.eval, err = data.ReadJSONL(s.eval, data.Fields{}); err != nil {
		return nil, err
	}
	if m.labels, err = data.Classes(m.train); err != nil {
		return nil, err
	}
	m.backbone, err = models.Load(s.backbone, models.Head("sequence-classification"), models.Classes(m.labels...),
		models.Backend(s.backend), models.HeadSeed(seed))
	if err != nil {
		return nil, err
	}
	if m.tokenizer, err = tokenizer.Load(s.backbone); err != nil {
		return nil, err
	}
	info := m.backbone.Info()
	m.length = min(m.length, info.MaxPositions)
	m.evalSource, err = data.NewLoader(m.eval, data.Options{
		Encoder:   data.Encoder{Tokenizer: m.tokenizer, MaxLength: m.length, NoTypeIDs: !info.TokenTypes},
		BatchSize: batchSize, Target: data.Classification, Classes: m.labels,
	})
	return m, err
}

func (m *material) introduce(w io.Writer) {
	info := m.backbone.Info()
	fmt.Fprintf(w, "backbone        %s, %d layers, %d wide, %s parameters, engine %s\n",
		info.ModelType, info.Layers, info.Hidden, thousands(m.backbone.NumParams()), m.backbone.Engine().Name())
	fmt.Fprintf(w, "data            %d sentences to train on, %d to evaluate on, %d classes\n", len(m.train), len(m.eval), len(m.labels))
	if hint := m.backbone.Engine().SpeedHint(); hint != "" {
		fmt.Fprintln(w, "hint           ", hint)
	}
}

// lora is the adapter: LoRA on queries and values, and a new head, which trains with it.
func (m *material) lora() peft.Config {
	return &lora.Config{
		Common: peft.Common{TaskType: "SEQ_CLS", Classes: m.labels},
		R:      8, Alpha: 16, Targets: peft.Match("query", "value"),
	}
}
