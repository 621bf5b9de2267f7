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

// ReadImage reads a PNG or JPEG file. An orientation in its metadata is not applied. Errors match [ErrImage] and name the
// path.
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

// DecodeImage reads an image in PNG or JPEG format, such as an uploaded one. An image of more than 2^28 pixels is refused
// before it is decoded. Errors match [ErrImage].
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
