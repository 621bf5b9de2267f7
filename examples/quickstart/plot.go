package main

import (
	"errors"
	"image/color"
	"io"
	"os"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	vgdraw "gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// draw writes a picture (PNG) of the training losses, beside the accuracies on the evaluation sentences.
func draw(path string, curves []curve) error {
	loss, accuracy := newPlot("training loss, mean of 10 steps", "loss"), newPlot("accuracy on the evaluation sentences", "%")
	accuracy.Y.Min, accuracy.Y.Max = 0, 100
	loss.Y.Min = 0
	for i, c := range curves {
		var points plotter.XYs
		for _, p := range c.points {
			points = append(points, plotter.XY{X: float64(p.step), Y: p.accuracy})
		}
		if err := addLine(accuracy, c.name, i, points); err != nil {
			return err
		}
		if err := addLine(loss, c.name, i, smooth(c.losses, 10)); err != nil {
			return err
		}
	}
	img := vgimg.New(24*vg.Centimeter, 10*vg.Centimeter)
	tiles := vgdraw.Tiles{Rows: 1, Cols: 2, PadX: vg.Centimeter, PadTop: vg.Millimeter * 3, PadBottom: vg.Millimeter * 3, PadLeft: vg.Millimeter * 3, PadRight: vg.Millimeter * 3}
	plots := [][]*plot.Plot{{loss, accuracy}}
	for i, canvas := range plot.Align(plots, tiles, vgdraw.New(img))[0] {
		plots[0][i].Draw(canvas)
	}
	return replace(path, vgimg.PngCanvas{Canvas: img})
}

// replace writes a file under another name first, so that path never holds a part of it.
func replace(path string, content io.WriterTo) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".quickstart-*")
	if err != nil {
		return err
	}
	_, err = content.WriteTo(file)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

func newPlot(title, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, "step", y
	p.X.Min = 0
	p.Legend.Padding, p.Legend.YOffs = vg.Points(2), vg.Points(4)
	p.Add(plotter.NewGrid())
	return p
}

func addLine(p *plot.Plot, name string, index int, points plotter.XYs) error {
	line, err := plotter.NewLine(points)
	if err != nil {
		return err
	}
	line.Width = vg.Points(2)
	line.Color = []color.Color{color.RGBA{R: 0x88, G: 0x88, B: 0x88, A: 0xff}, color.RGBA{R: 0x1f, G: 0x5f, B: 0xbf, A: 0xff}}[index]
	p.Add(line)
	p.Legend.Add(name, line)
	return nil
}

// smooth gives the means of a window that ends at each step.
func smooth(values []float64, window int) plotter.XYs {
	var out plotter.XYs
	sum := 0.0
	for i, v := range values {
		sum += v
		if i >= window {
			sum -= values[i-window]
		}
		out = append(out, plotter.XY{X: float64(i + 1), Y: sum / float64(min(i+1, window))})
	}
	return out
}
