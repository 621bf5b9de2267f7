package engine_test

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/internal/engine"
)

func ExampleOpen() {
	e, err := engine.Open("go")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer e.Close()
	y, err := graph.CallOnce(e.Backend(), graph.Square, float32(3))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Name(), y.Value())
	// Output: go 9
}

func ExampleTry() {
	err := engine.Try("building the classifier", func() {
		panic(fmt.Errorf("weight is [3, 384], want [2, 384]"))
	})
	fmt.Println(err)
	// Output: building the classifier: weight is [3, 384], want [2, 384]
}
