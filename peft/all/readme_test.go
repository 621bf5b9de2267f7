package all_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// The README's tables name the methods and families that are registered.
func TestREADMENamesWhatIsRegistered(t *testing.T) {
	raw, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(raw), "## What there is")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n## ")
	for name := range peft.Types() {
		require.Contains(t, table, "`"+name+"`")
	}
	for _, name := range models.Families() {
		require.Contains(t, table, "`"+name+"`")
	}
}
