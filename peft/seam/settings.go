package seam

import "math"

// These check settings that many methods have, for a Config's Method. Each gives nil, or a FieldError that names the field;
// cmp.Or gives the first of several.

// CheckLeast refuses a whole number, such as a rank, below the least that it may be.
func CheckLeast(field string, n, least int) error {
	if n < least {
		return Fieldf(field, "must be at least %d, is %d", least, n)
	}
	return nil
}

// CheckShare refuses what is no probability below 1, such as a dropout's.
func CheckShare(field string, p float64) error {
	if !(p >= 0 && p < 1) {
		return Fieldf(field, "must be in [0, 1), is %v", p)
	}
	return nil
}

// CheckStrength refuses a strength, such as LoRA's alpha, that is negative, infinite or NaN.
func CheckStrength(field string, v float64) error {
	if !(v >= 0) || math.IsInf(v, 0) {
		return Fieldf(field, "must be a number of at least 0, is %v", v)
	}
	return nil
}

// CheckNumber refuses a number that is infinite or NaN.
func CheckNumber(field string, v float64) error {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return Fieldf(field, "must be a number, is %v", v)
	}
	return nil
}

// CheckWord refuses a word that is none of those known.
func CheckWord(field, word string, known ...string) error {
	list := ""
	for _, k := range known {
		if word == k {
			return nil
		}
		if list != "" {
			list += ", "
		}
		list += k
	}
	return Fieldf(field, "%q is none of %s", word, list)
}

// CheckRanks refuses a pattern with a value below 1.
func CheckRanks(field string, p Pattern[int]) error {
	for _, rule := range p {
		if rule.Value < 1 {
			return Fieldf(field, "%q: must be at least 1, is %d", rule.Match, rule.Value)
		}
	}
	return nil
}

// CheckStrengths refuses a pattern with a value that CheckStrength would refuse.
func CheckStrengths(field string, p Pattern[float64]) error {
	for _, rule := range p {
		if !(rule.Value >= 0) || math.IsInf(rule.Value, 0) {
			return Fieldf(field, "%q: must be a number of at least 0, is %v", rule.Match, rule.Value)
		}
	}
	return nil
}
