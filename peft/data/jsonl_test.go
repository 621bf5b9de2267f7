package data_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft/data"
)

func write(t testing.TB, content string) string {
	path := filepath.Join(t.TempDir(), "train.jsonl")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestReadJSONL(t *testing.T) {
	path := write(t, "\xef\xbb\xbf"+`{"text": "one", "label": "a", "more": [1, {"x": null}]}`+"\r\n"+
		"\r\n  \n"+
		`{"label": 3, "text": ""}`+"\n"+
		`{"text": "gr\u00fc\u00df \ud83d\ude00 \\ud800 \ufffd", "label": -1.5}`+"\n"+
		`{"text": "last", "label": 2e0}`)
	got, err := data.ReadJSONL(path, data.Fields{})
	require.NoError(t, err)
	require.Equal(t, []data.Example{
		{Text: "one", Label: data.WordLabel("a"), Pos: data.Position{Path: path, Line: 1}},
		{Text: "", Label: data.IntegerLabel(3), Pos: data.Position{Path: path, Line: 4}},
		{Text: "grüß 😀 \\ud800 \ufffd", Label: data.FloatLabel(-1.5), Pos: data.Position{Path: path, Line: 5}},
		{Text: "last", Label: data.FloatLabel(2), Pos: data.Position{Path: path, Line: 6}},
	}, got)
}

func TestReadJSONLFields(t *testing.T) {
	path := write(t, `{"premise": "p", "hypothesis": "h", "score": 1}`)
	got, err := data.ReadJSONL(path, data.Fields{Text: "premise", Pair: "hypothesis", Label: "-"})
	require.NoError(t, err)
	require.Equal(t, []data.Example{{Text: "p", Pair: "h", Pos: data.Position{Path: path, Line: 1}}}, got)

	_, err = data.ReadJSONL(path, data.Fields{Text: "premise", Pair: "other", Label: "score"})
	require.EqualError(t, err, path+`:1: field "other": malformed data: is missing`)
}

func TestReadJSONLLongLine(t *testing.T) {
	long := strings.Repeat("word ", 2<<20) // 10 MB
	got, err := data.ReadJSONL(write(t, fmt.Sprintf("{\"text\": %q, \"label\": 0}\n", long)), data.Fields{})
	require.NoError(t, err)
	require.Equal(t, long, got[0].Text)
}

// Every bad line is the third of its file.
func TestReadJSONLBad(t *testing.T) {
	for line, says := range map[string]string{
		`oops`:                                   `malformed data: not JSON: invalid character 'o'`,
		`{"text": "a", "label": 0`:               `malformed data: not JSON: the line ends too early`,
		`{"text": "a`:                            `field "text": malformed data: not JSON: the line ends too early`,
		`{"text": "a",}`:                         `malformed data: not JSON: invalid character '}'`,
		`{text: "a"}`:                            `malformed data: not JSON: invalid character 't'`,
		`{"text": "a", "label": 01}`:             `malformed data: not JSON: invalid character '1'`,
		`["a"]`:                                  `malformed data: is a list, want an object`,
		`null`:                                   `malformed data: is null, want an object`,
		`{"text": "a", "label": 0} {}`:           `malformed data: something follows the object`,
		`{"text": "a", "label": 0},`:             `malformed data: something follows the object`,
		`{"Text": "a", "label": 0}`:              `field "text": malformed data: is missing`,
		`{"text": 5, "label": 0}`:                `field "text": malformed data: is a number, want a string`,
		`{"text": null, "label": 0}`:             `field "text": malformed data: is null, want a string`,
		`{"text": "a"}`:                          `field "label": malformed data: is missing`,
		`{"text": "a", "label": true}`:           `field "label": malformed data: is a boolean, want a string or a number`,
		`{"text": "a", "label": {}}`:             `field "label": malformed data: is an object, want a string or a number: several labels for one example are not supported`,
		`{"text": "a", "label": ["x", "y"]}`:     `field "label": malformed data: is a list, want a string or a number: several labels for one example are not supported`,
		`{"text": "a", "label": 1e999}`:          `field "label": malformed data: the number 1e999 is too large`,
		`{"text": "a", "label": 1e39}`:           `field "label": malformed data: the number 1e39 is too large`,
		`{"text": "a", "label": 1` + zeros + `}`: `field "label": malformed data: the integer 1` + zeros + ` is too large`,
		`{"text": "a", "text": "b", "label": 0}`: `field "text": malformed data: is there twice`,
		"{\"text\": \"a\xff\", \"label\": 0}":    `malformed data: byte 12 of the line is not UTF-8`,
		`{"text": "\ud83d", "label": 0}`:         `field "text": malformed data: holds half a surrogate pair`,
		`{"text": "\ud83d\u0041", "label": 0}`:   `field "text": malformed data: holds half a surrogate pair`,
		`{"text": "\ude00\ude01", "label": 0}`:   `field "text": malformed data: holds half a surrogate pair`,
		`{"text": "\ude00\ud83d", "label": 0}`:   `field "text": malformed data: holds half a surrogate pair`,
		`{"text": "a", "label": "\\\udfff"}`:     `field "label": malformed data: holds half a surrogate pair`,
		`{"text": "\uzzzz", "label": 0}`:         `field "text": malformed data: not JSON`,
	} {
		path := write(t, "{\"text\": \"fine\", \"label\": 0}\n\n"+line+"\n")
		_, err := data.ReadJSONL(path, data.Fields{})
		require.ErrorIs(t, err, data.ErrFormat, line)
		var at *data.ExampleError
		require.ErrorAs(t, err, &at, line)
		require.Equal(t, path+":3", at.Place, line)
		require.ErrorContains(t, err, ":3: "+says, line)
	}
}

func TestReadArray(t *testing.T) {
	const long = 3 << 16 // more than is read at once
	path := write(t, "\xef\xbb\xbf\n [ "+`{"text": "one", "label": "a", "more": [1, {"x": null}]},`+"\r\n"+
		`{"label": 3, "text": "`+strings.Repeat("x", long)+`"} , {"text":`+"\n"+`"gr\u00fc\u00df", "label": -1.5}`+"\n]\n")
	got, err := data.ReadJSONL(path, data.Fields{})
	require.NoError(t, err)
	require.Equal(t, []data.Example{
		{Text: "one", Label: data.WordLabel("a"), Pos: data.Position{Path: path}},
		{Text: strings.Repeat("x", long), Label: data.IntegerLabel(3), Pos: data.Position{Path: path, Element: 1}},
		{Text: "grüß", Label: data.FloatLabel(-1.5), Pos: data.Position{Path: path, Element: 2}},
	}, got)
	require.Equal(t, path+": element 2", got[2].Pos.String())
}

// Every array goes wrong at its second element, or behind it.
func TestReadArrayBad(t *testing.T) {
	const fine = `{"text": "fine", "label": 0}`
	for rest, says := range map[string]string{
		`, oops]`:                                `: element 1: malformed data: not JSON: invalid character 'o'`,
		`, {"text": "a", "label": 0`:             `: element 1: malformed data: not JSON: the file ends too early`,
		`, `:                                     `: element 1: malformed data: not JSON: the file ends too early`,
		``:                                       `: element 1: malformed data: not JSON: the file ends too early`,
		`,]`:                                     `: element 1: malformed data: not JSON: invalid character ']'`,
		` {"text": "a", "label": 0}]`:            `: element 1: malformed data: not JSON: expected comma`,
		`}`:                                      `: element 1: malformed data: not JSON: invalid character '}'`,
		`, null]`:                                `: element 1: malformed data: is null, want an object`,
		`, ["a"]]`:                               `: element 1: malformed data: is a list, want an object`,
		`, {"text": 5, "label": 0}]`:             `: element 1: field "text": malformed data: is a number, want a string`,
		`, {"text": "a"}]`:                       `: element 1: field "label": malformed data: is missing`,
		`, {"text": "a", "label": ["x"]}]`:       `: element 1: field "label": malformed data: is a list, want a string or a number: several labels`,
		`, {"text": "a", "text": "b"}]`:          `: element 1: field "text": malformed data: is there twice`,
		`, {"text": "\ud83d", "label": 0}]`:      `: element 1: field "text": malformed data: holds half a surrogate pair`,
		", {\"text\": \"a\xff\", \"label\": 0}]": `: element 1: malformed data: byte 12 of the element is not UTF-8`,
		`] []`:                                   `: malformed data: something follows the array`,
		`]]`:                                     `: malformed data: something follows the array`,
		"]\n" + fine:                             `: malformed data: something follows the array`,
	} {
		path := write(t, "["+fine+rest)
		got, err := data.ReadJSONL(path, data.Fields{})
		require.ErrorIs(t, err, data.ErrFormat, rest)
		require.ErrorContains(t, err, path+says, rest)
		require.ErrorAs(t, err, new(*data.ExampleError), rest)
		require.Nil(t, got)
	}
}

const zeros = "0000000000000000000"

func TestReadJSONLNothing(t *testing.T) {
	for _, content := range []string{"", "\n \r\n", "\xef\xbb\xbf", "[]", " [ ]\n"} {
		path := write(t, content)
		_, err := data.ReadJSONL(path, data.Fields{})
		require.ErrorIs(t, err, data.ErrEmpty)
		require.ErrorContains(t, err, path)
	}
	_, err := data.ReadJSONL(filepath.Join(t.TempDir(), "none.jsonl"), data.Fields{})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = data.ReadJSONL(t.TempDir(), data.Fields{})
	require.Error(t, err)
}

// Whatever the bytes: an error or examples whose text is UTF-8, never a panic.
func FuzzReadJSONL(f *testing.F) {
	f.Add([]byte(`{"text": "a\ud83d\ude00", "label": 1}`))
	f.Add([]byte("\xef\xbb\xbf{\"text\": \"\\u00e9\", \"label\": \"x\"}\r\n\r\n{\"text\": \"b\", \"label\": -0.5}"))
	f.Add([]byte(`{"text": "\\\ud800", "label": 1}`))
	f.Add([]byte(`[{"text": "a\ud83d\ude00", "label": 1}, {"text": "b", "label": "x"}]`))
	path := filepath.Join(f.TempDir(), "fuzz.jsonl")
	f.Fuzz(func(t *testing.T, content []byte) {
		require.NoError(t, os.WriteFile(path, content, 0o600))
		examples, err := data.ReadJSONL(path, data.Fields{})
		if err != nil {
			require.Empty(t, examples)
			return
		}
		for _, ex := range examples {
			require.NotEqual(t, data.NoLabel, ex.Label.Kind())
			// U+FFFD comes from the file, never from a repair.
			if strings.ContainsRune(ex.Text, 0xfffd) {
				lower := strings.ToLower(string(content))
				require.True(t, strings.ContainsRune(lower, 0xfffd) || strings.Contains(lower, `\ufffd`))
			}
		}
	})
}
