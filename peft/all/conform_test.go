package all_test

import (
	"testing"

	"github.com/gopeft/gopeft/internal/pefttest"
	_ "github.com/gopeft/gopeft/peft/all"
)

// A line in all.go puts a method under every law.
func TestConformance(t *testing.T) { pefttest.ConformAll(t) }
