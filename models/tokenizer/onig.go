package tokenizer

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// translate turns a regular expression of Oniguruma, in its Ruby syntax, into one of the backtracking engine, with
// classes of the reference's Unicode version. What cannot be said there is an error.
func translate(text string) (string, error) {
	t := &translator{in: []rune(text)}
	t.groups = []group{{}}
	for t.pos < len(t.in) {
		if err := t.atom(); err != nil {
			return "", fmt.Errorf("at character %d: %w", t.pos, err)
		}
	}
	if len(t.groups) > 1 {
		return "", fmt.Errorf("a group is not closed")
	}
	return t.out.String(), nil
}

type translator struct {
	in     []rune
	pos    int
	out    output
	last   int // where in out the last atom begins, for possessive quantifiers
	groups []group
}

// group is what holds within a pair of parentheses.
type group struct {
	start int // in out
	fold  bool
	dot   bool // a dot matches line breaks
}

// output is a string that can be cut.
type output struct{ strings.Builder }

func (o *output) cut(from int) string {
	whole := o.String()
	o.Reset()
	o.WriteString(whole[:from])
	return whole[from:]
}

func (t *translator) top() *group { return &t.groups[len(t.groups)-1] }

func (t *translator) peek(n int) rune {
	if t.pos+n < len(t.in) {
		return t.in[t.pos+n]
	}
	return 0
}

func (t *translator) has(s string) bool {
	return strings.HasPrefix(string(t.in[t.pos:min(len(t.in), t.pos+len(s))]), s)
}

// atom translates the next part of the input.
func (t *translator) atom() error {
	c := t.in[t.pos]
	switch c {
	case '(':
		return t.open()
	case ')':
		if len(t.groups) == 1 {
			return fmt.Errorf("unmatched )")
		}
		t.last = t.top().start
		t.groups = t.groups[:len(t.groups)-1]
		t.pos++
		t.out.WriteByte(')')
		return nil
	case '*', '+', '?', '{':
		return t.quantifier()
	case '|', '^':
		t.pos++
		t.out.WriteRune(c)
		t.last = t.out.Len()
		return nil
	case '$': // before any line break
		t.pos++
		t.last = t.out.Len()
		t.out.WriteString(`(?=\n|\z)`)
		return nil
	}
	t.last = t.out.Len()
	switch c {
	case '.':
		t.pos++
		if t.top().dot {
			t.out.WriteString(`[\s\S]`)
		} else {
			t.out.WriteString(`[^\n]`)
		}
	case '[':
		set, err := t.class()
		if err != nil {
			return err
		}
		set.write(&t.out.Builder)
	case '\\':
		return t.escape()
	default:
		t.pos++
		t.literal(c)
	}
	return nil
}

// literal writes a character, in either case where case does not matter.
func (t *translator) literal(c rune) {
	var set runeSet
	set.add(c, c)
	if t.top().fold {
		set.fold()
	}
	if len(set.ranges) > 1 {
		set.write(&t.out.Builder)
		return
	}
	writeRune(&t.out.Builder, c)
}

// open translates the beginning of a group.
func (t *translator) open() error {
	g := *t.top()
	g.start = t.out.Len()
	for _, kind := range []string{"(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>"} {
		if t.has(kind) {
			t.pos += len(kind)
			t.out.WriteString(kind)
			t.groups = append(t.groups, g)
			t.last = t.out.Len()
			return nil
		}
	}
	if t.has("(?#") {
		for t.pos < len(t.in) && t.in[t.pos] != ')' {
			t.pos++
		}
		t.pos++
		return nil
	}
	if !t.has("(?") { // groups that capture only group here
		t.pos++
		t.out.WriteString("(?:")
		t.groups = append(t.groups, g)
		t.last = t.out.Len()
		return nil
	}
	on := true
	for t.pos += 2; ; t.pos++ {
		switch c := t.peek(0); c {
		case 'i':
			g.fold = on
		case 'm':
			g.dot = on
		case '-':
			on = false
		case ':':
			t.pos++
			t.out.WriteString("(?:")
			t.groups = append(t.groups, g)
			t.last = t.out.Len()
			return nil
		case ')': // to the end of the group around it
			t.pos++
			t.top().fold, t.top().dot = g.fold, g.dot
			return nil
		default:
			return fmt.Errorf("a group that begins (?%c is not supported", c)
		}
	}
}

// quantifier translates * + ? and {m,n}, lazy or possessive.
func (t *translator) quantifier() error {
	c := t.in[t.pos]
	quantity := string(c)
	if c == '{' {
		end := t.pos
		for end < len(t.in) && t.in[end] != '}' {
			end++
		}
		if end == len(t.in) {
			t.pos++
			t.last = t.out.Len()
			t.out.WriteString(`\{`)
			return nil
		}
		body := string(t.in[t.pos+1 : end])
		low, high, both := strings.Cut(body, ",")
		if low == "" && both {
			low = "0"
		}
		for _, n := range []string{low, high} {
			if _, err := strconv.ParseUint(n, 10, 16); err != nil && (n != "" || !both) {
				t.pos++
				t.last = t.out.Len()
				t.out.WriteString(`\{`)
				return nil
			}
		}
		quantity = "{" + low
		if both {
			quantity += "," + high
		}
		quantity += "}"
		t.pos = end
	}
	t.pos++
	if t.last >= t.out.Len() {
		return fmt.Errorf("nothing to repeat")
	}
	switch next := t.peek(0); {
	case next == '+' && c != '{': // possessive
		t.pos++
		body := t.out.cut(t.last)
		t.out.WriteString("(?>" + body + quantity + ")")
	case next == '?' && (c != '{' || strings.Contains(quantity, ",")):
		t.pos++
		t.out.WriteString(quantity + "?")
	default: // what follows repeats the repetition
		body := t.out.cut(t.last)
		t.out.WriteString("(?:" + body + quantity + ")")
	}
	return nil
}

// escape translates what follows a backslash outside a class.
func (t *translator) escape() error {
	switch c := t.peek(1); c {
	case 'b', 'B':
		t.pos += 2
		behind, ahead := "(?<="+wordClass()+")", "(?="+wordClass()+")"
		notBehind, notAhead := "(?<!"+wordClass()+")", "(?!"+wordClass()+")"
		if c == 'b' {
			t.out.WriteString("(?:" + behind + notAhead + "|" + notBehind + ahead + ")")
		} else {
			t.out.WriteString("(?:" + behind + ahead + "|" + notBehind + notAhead + ")")
		}
		return nil
	case 'A', 'z', 'Z':
		t.pos += 2
		t.out.WriteString(`\` + string(c))
		return nil
	case 'R':
		t.pos += 2
		t.out.WriteString(`(?>\r\n|[\n-\r\x85\u2028\u2029])`)
		return nil
	}
	set, single, err := t.escaped()
	if err != nil {
		return err
	}
	if single >= 0 {
		t.literal(single)
		return nil
	}
	set.write(&t.out.Builder)
	return nil
}

func wordClass() string {
	var b strings.Builder
	wordSet().write(&b)
	return b.String()
}

// escaped reads an escape that stands for a character, which it returns, or for a set of them.
func (t *translator) escaped() (set runeSet, single rune, err error) {
	c := t.peek(1)
	t.pos += 2
	switch c {
	case 0:
		return set, -1, fmt.Errorf("a backslash at the end")
	case 'n':
		return set, '\n', nil
	case 'r':
		return set, '\r', nil
	case 't':
		return set, '\t', nil
	case 'f':
		return set, '\f', nil
	case 'v':
		return set, '\v', nil
	case 'a':
		return set, '\a', nil
	case 'e':
		return set, 0x1B, nil
	case 'x', 'u':
		return t.hex(c)
	case 's', 'S':
		set = tableSet(unicode.White_Space)
	case 'd', 'D':
		set = propertySet("Nd")
	case 'w', 'W':
		set = wordSet()
	case 'h', 'H':
		set.add('0', '9')
		set.add('A', 'F')
		set.add('a', 'f')
	case 'p', 'P':
		set, err = t.property()
		if err != nil {
			return set, -1, err
		}
	default:
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			return set, -1, fmt.Errorf(`\%c is not supported`, c)
		}
		return set, c, nil
	}
	if strings.ContainsRune("SDWHP", c) {
		set = set.complement()
	}
	return set, -1, nil
}

// hex reads the digits of \xHH, \x{H...} or \uHHHH.
func (t *translator) hex(kind rune) (set runeSet, single rune, err error) {
	from, to := t.pos, t.pos+2
	if kind == 'u' {
		to = t.pos + 4
	}
	next := to
	if kind == 'x' && t.peek(0) == '{' {
		from++
		for to = from; to < len(t.in) && t.in[to] != '}'; to++ {
		}
		next = to + 1
	}
	if to > len(t.in) {
		return set, -1, fmt.Errorf("an escape is cut off")
	}
	n, err := strconv.ParseUint(string(t.in[from:to]), 16, 21)
	if err != nil || n > unicode.MaxRune {
		return set, -1, fmt.Errorf("%q is no character", string(t.in[from:to]))
	}
	t.pos = next
	return set, rune(n), nil
}

// property reads the name after \p: {L}, {^L} or {Han}.
func (t *translator) property() (set runeSet, err error) {
	if t.peek(0) != '{' {
		return set, fmt.Errorf(`\p without {`)
	}
	end := t.pos
	for end < len(t.in) && t.in[end] != '}' {
		end++
	}
	if end == len(t.in) {
		return set, fmt.Errorf(`\p{ is not closed`)
	}
	name := string(t.in[t.pos+1 : end])
	t.pos = end + 1
	bare, not := strings.CutPrefix(name, "^")
	switch {
	case unicode.Categories[bare] != nil && bare != "C" && bare != "Cn":
		set = propertySet(bare)
	case unicode.Scripts[bare] != nil:
		set = propertySet(bare)
	case longNames[bare] != "":
		set = propertySet(longNames[bare])
	default:
		return set, fmt.Errorf(`the property %q is not supported`, bare)
	}
	if not {
		set = set.complement()
	}
	return set, nil
}

var longNames = map[string]string{
	"Letter": "L", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Mark": "M", "Number": "N", "Decimal_Number": "Nd",
	"Punctuation": "P", "Symbol": "S", "Separator": "Z",
}
