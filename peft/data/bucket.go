package data

import "math/bits"

// smallestBucket is the least of the default buckets: below it a compiled program saves nothing worth its compiling.
const smallestBucket = 16

// bucket gives the length to which rows are padded when the longest has n tokens: the smallest bucket that holds it,
// else the limit (0 means none), else the next power of two.
func bucket(n int, buckets []int, limit int) int {
	for _, b := range buckets {
		if n <= b {
			return b
		}
	}
	length := 1 << bits.Len(uint(max(n, 1)-1))
	if len(buckets) == 0 {
		length = max(length, smallestBucket)
	}
	if limit > 0 && (len(buckets) > 0 || length > limit) {
		return limit
	}
	return length
}

// checkBuckets wants them positive, ascending and within the limit.
func checkBuckets(buckets []int, limit int) error {
	for i, b := range buckets {
		switch {
		case b < 1:
			return faultf(ErrOption, "Buckets: %d is not positive", b)
		case i > 0 && b <= buckets[i-1]:
			return faultf(ErrOption, "Buckets: %v do not ascend", buckets)
		}
	}
	if last := len(buckets) - 1; limit > 0 && last >= 0 && buckets[last] > limit {
		return faultf(ErrOption, "Buckets: %d is beyond the longest input of %d tokens", buckets[last], limit)
	}
	return nil
}
