package pefttest_test

import (
	"fmt"

	"github.com/gopeft/gopeft/internal/pefttest"
	_ "github.com/gopeft/gopeft/lora"
)

// A method's own variants are tried by cases of its own; a test calls Conform in place of Check.
func ExampleCheck() {
	c := pefttest.Case{
		Name:      "LORA, rank 2 on query",
		JSON:      `{"peft_type": "LORA", "r": 2, "target_modules": ["query"]}`,
		Trainable: 2 * (8 + 8),
		Bad:       []pefttest.Bad{{Change: `{"r": 0}`, Field: "r"}},
	}
	fmt.Println(pefttest.Check(c))

	c.Trainable = 33
	fmt.Println(pefttest.Check(c))
	// Output:
	// <nil>
	// LORA, rank 2 on query breaks params/count (counts and keys agree with the planned values): NumTrainable by the case's formula: got 32, want 33
}
