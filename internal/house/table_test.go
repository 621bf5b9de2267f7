package house

// room is a row of the import table: the packages it covers and what of ours they may import.
//
// A pattern is a path below the module's root; "x" is that package alone, "x/..." that package
// and all below it, "x/*" each package directly below it with all of its own. The row that
// covers a package is the first that matches, so special rows stand above general ones. Within
// a row a package may import what is above and below it in its own folder.
type room struct {
	packages []string
	imports  []string
}

var (
	methods    = []string{"lora/...", "ia3/...", "adapters/...", "prompt/..."}
	authors    = "peft/seam" // for authors of methods and models, beside users' peft
	tokenizer  = "models/tokenizer/..."
	preprocess = "models/preprocess/..."
	internal   = "internal/..." // without testOnly
	golden     = "internal/pefttest/..."
	testOnly   = []string{"peft/pefttest", golden, "internal/house"}
)

var table = []room{
	// The golden runner drives everything; only tests import it (see testOnly).
	{packages: []string{golden}, imports: []string{"..."}},
	// Programs that make what the tree holds; nothing can import a program.
	{packages: []string{"internal/cmd/..."}, imports: []string{"..."}},
	{packages: []string{"internal/..."}, imports: []string{internal}},

	{packages: []string{tokenizer, preprocess}, imports: []string{internal}},
	{packages: []string{"models/arch/..."}, imports: []string{authors, tokenizer, preprocess, internal}},
	{packages: []string{"models"}, imports: []string{"models/...", "peft", authors, internal}},
	// What runs adapted models is no family.
	{packages: []string{"models/generate/...", "models/predict/..."}, imports: []string{"models", "peft", authors, "peft/data/...", tokenizer, preprocess, internal}},
	// Families know each other only through models/arch.
	{packages: []string{"models/*"}, imports: []string{"models/arch/...", authors, tokenizer, preprocess, internal}},

	{packages: []string{authors}, imports: []string{internal}},
	{packages: []string{"peft"}, imports: []string{authors, internal}},
	{packages: []string{"peft/all"}, imports: methods},
	// The conformance suite for methods, here and in other modules. It is public, and in this tree only tests import it.
	{packages: []string{"peft/pefttest"}, imports: []string{"peft/...", "optim/...", internal}},
	{packages: []string{"peft/data/...", "peft/loss/...", "peft/metric/..."}, imports: []string{tokenizer, preprocess, internal}},
	{
		packages: []string{"peft/train/..."},
		imports:  []string{"peft", authors, "optim/...", "peft/data/...", "peft/loss/...", "peft/metric/...", tokenizer, preprocess, internal},
	},

	// Methods never import models, nor what users see.
	{packages: methods, imports: append([]string{authors, tokenizer, preprocess, internal}, methods...)},
	{packages: []string{"optim/..."}, imports: []string{internal}},

	// Programs use what a user can use, the embedded sample and, to measure memory, internal/rss.
	{
		packages: []string{"examples/..."},
		imports:  append([]string{"models/...", "peft/...", "optim/...", "internal/sample/...", "internal/rss"}, methods...),
	},
	{packages: []string{"."}}, // the documentation of the module
}

// gate says which of our packages may import a foreign one: engines are chosen in one place.
var gates = []struct {
	foreign string
	room    string // "" means none of ours, not even through another module
	why     string
}{
	{"github.com/gomlx/go-xla/...", "internal/engine", "XLA is opened by internal/engine, which downloads nothing"},
	{"github.com/gomlx/compute/gobackend", "internal/engine", "the bare Go backend deadlocks; internal/engine sets it up"},
	{"github.com/gomlx/gomlx/backends/...", "", "it downloads plugins when a program starts"},
}

// topLevel is what may stand at the root of the tree, hidden entries listed where they are ours.
var topLevel = []string{
	"adapters", "docs", "examples", "ia3", "internal", "lora", "models", "optim", "peft", "prompt",
	"doc.go", "example_test.go", "go.mod", "go.sum",
	"CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md",
	".ci", ".gitattributes", ".gitignore",
}
