package models_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	_ "github.com/gopeft/gopeft/peft/all"
)

// The README's tables name what is registered.
func TestREADMENamesWhatIsRegistered(t *testing.T) {
	raw, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(raw), "## What there is")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n## ")
	for _, name := range models.Families() {
		require.Contains(t, table, "`"+name+"`")
	}
	for name := range peft.Types() {
		require.Contains(t, table, "`"+name+"`")
	}
}
