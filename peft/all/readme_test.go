package all_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft"
)

// The README's table names the methods that are registered.
func TestREADMENamesTheMethods(t *testing.T) {
	raw, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(raw), "## What there is")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n## ")
	for name := range peft.Types() {
		require.Contains(t, table, "`"+name+"`")
	}
}
