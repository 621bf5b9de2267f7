// Bigllama checks what memory a large model takes: it writes a Llama of 1.1 billion random bfloat16 weights in shards to a
// temporary folder, loads it in a process of its own, and fails where that process ever held more than the limit times the
// size of the files. Then it runs the model once and tells what that took.
//
//	go run ./internal/cmd/bigllama [-backend xla:cpu] [-layers 22] [-limit 1.2] [-tokens 64]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/train"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bigllama:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	f := flag.NewFlagSet("bigllama", flag.ContinueOnError)
	backend := f.String("backend", "", "engine (default GOMLX_BACKEND, else go)")
	layers := f.Int("layers", 22, "blocks; 22 make 1.1 billion parameters")
	limit := f.Float64("limit", 1.2, "the most memory while loading, in sizes of the files; 0 is any")
	tokens := f.Int("tokens", 64, "tokens of the forward pass, 0 for none")
	dir := f.String("load", "", "only load this folder, as the program's own second process does")
	if err := f.Parse(args); err != nil {
		return err
	}
	if *dir != "" {
		return load(*dir, *backend, *limit, *tokens)
	}
	temp, err := os.MkdirTemp("", "bigllama")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	if err := write(temp, *layers); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	// What the writing took must not count.
	second := exec.Command(self, "-load", temp, "-backend", *backend, "-limit", fmt.Sprint(*limit), "-tokens", strconv.Itoa(*tokens))
	second.Stdout, second.Stderr = os.Stdout, os.Stderr
	return second.Run()
}

// load opens the model, holds its memory to the limit, and runs it.
func load(dir, backend string, limit float64, tokens int) error {
	size, err := sizeOf(dir)
	if err != nil {
		return err
	}
	start := time.Now()
	b, err := models.Load(dir, models.Backend(backend), models.DType("auto"))
	if err != nil {
		return err
	}
	peak := train.PeakRSS() * (1 << 20)
	fmt.Printf("%s: %d parameters in %.0f MiB of files; loaded in %.1f s, at most %.0f MiB held, %.2f of the files\n",
		b.Engine().Name(), b.NumParams(), size/(1<<20), time.Since(start).Seconds(), peak/(1<<20), peak/size)
	if limit > 0 && peak > limit*size {
		return fmt.Errorf("loading took %.2f times the files, more than %v", peak/size, limit)
	}
	if tokens == 0 {
		return nil
	}
	ids := make([]int32, tokens)
	for i := range ids {
		ids[i] = int32(i + 1)
	}
	start = time.Now()
	_, err = b.Forward(context.Background(), peft.Tensors{"input_ids": tensors.FromFlatDataAndDimensions(ids, 1, tokens)})
	if err != nil {
		return err
	}
	peak = train.PeakRSS() * (1 << 20)
	fmt.Printf("first pass over %d tokens in %.1f s, at most %.0f MiB held, %.2f of the files\n",
		tokens, time.Since(start).Seconds(), peak/(1<<20), peak/size)
	return nil
}
