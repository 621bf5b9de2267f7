package lokr

// split writes a width as m · n: m is factor where that divides the width, else the largest divisor that is at most the width's
// square root and, unless factor is -1, at most factor.
func split(width, factor int) (m, n int) {
	if factor > 0 && width%factor == 0 {
		return factor, width / factor
	}
	m = 1
	for d := 2; d*d <= width && (factor < 0 || d <= factor); d++ {
		if width%d == 0 {
			m = d
		}
	}
	return m, width / m
}
