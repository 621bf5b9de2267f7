package main

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// contractions of written English and their long forms.
var contractions = strings.NewReplacer(
	"do not", "don't", "does not", "doesn't", "did not", "didn't", "cannot", "can't", "is not", "isn't", "are not", "aren't",
	"was not", "wasn't", "has not", "hasn't", "have not", "haven't", "will not", "won't", "would not", "wouldn't",
	"I am ", "I'm ", "I have been ", "I've been ", "I will ", "I'll ", "it is ", "it's ", "we are ", "we're ", "you are ", "you're ",
	"that is ", "that's ", "what is ", "what's ", "where is ", "where's ", "there is ", "there's ",
)

// questionWords begin a question.
var questionWords = []string{
	"where", "when", "why", "what", "which", "who", "how", "is", "are", "do", "does", "did", "can", "could", "will", "would",
	"may", "has", "am", "any", "until", "till", "should", "was",
}

// style makes a turn out of sentences, as people type: with or without contractions, apostrophes and full stops.
func style(r *rand.Rand, sentences []string) string {
	short, bare, stops := r.IntN(2) == 0, r.IntN(4) == 0, r.IntN(4) != 0
	for i, s := range sentences {
		s = articles(strings.ReplaceAll(strings.Join(strings.Fields(s), " "), " '", "'"))
		if short {
			s = contractions.Replace(s)
		}
		if bare {
			s = strings.ReplaceAll(s, "'", "")
		}
		first, _, _ := strings.Cut(s, " ")
		asks := slices.Contains(questionWords, first) || strings.HasPrefix(s, "have you ")
		switch {
		case asks && (stops || r.IntN(2) == 0):
			s += "?"
		case stops && s != "":
			s += "."
		}
		sentences[i] = s
	}
	return strings.Join(sentences, " ")
}

// articles puts "a" and "an" right, since a template can't know what follows.
func articles(s string) string {
	words := strings.Split(s, " ")
	for i, w := range words[:len(words)-1] {
		if next := words[i+1]; (w == "a" || w == "an") && next != "" {
			words[i] = "a"
			if strings.ContainsRune("aeioux", rune(next[0])) && !strings.HasPrefix(next, "used") && !strings.HasPrefix(next, "one") ||
				strings.HasPrefix(next, "hour") {
				words[i] = "an"
			}
		}
	}
	return strings.Join(words, " ")
}
