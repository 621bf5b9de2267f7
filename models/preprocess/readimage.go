package preprocess

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg" // image.Decode knows it then
	_ "image/png"
	"io"
	"os"
)

// mostPixels bounds images, as a small file can claim to be a huge one.
const mostPixels = 1 << 28

// ReadImage opens a PNG or JPEG file. Errors match ErrImage and name the path.
func ReadImage(path string) (image.Image, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrImage, err)
	}
	img, err := DecodeImage(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return img, nil
}

// DecodeImage reads a PNG or JPEG. Errors match ErrImage.
func DecodeImage(r io.Reader) (image.Image, error) {
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrImage, err)
	}
	head, _, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return nil, imagef("%v (PNG and JPEG are read)", err)
	}
	if pixels := int64(head.Width) * int64(head.Height); pixels > mostPixels {
		return nil, imagef("claims %d pixels, more than %d", pixels, mostPixels)
	}
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, imagef("%v", err)
	}
	return img, nil
}
