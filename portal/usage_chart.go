package portal

import (
	"strconv"
	"strings"
)

// usageChart is a series as bars, drawn by the server. The table below it has the same
// numbers, and a script can draw them anew so that they can be pointed at.
type usageChart struct {
	Label      string // of the series
	Against    string // of the dashed line; "": there is none
	Width      int    // of the picture, ten for each bar
	Bars, Line string // paths
	Top, Half  int64
	Ticks      []string // below, from left to right
}

// chartHeight is the height of the picture; it is stretched to its frame.
const chartHeight = 100

// newChart draws the columns of a table that are marked as series. Where a number is not there,
// there is no bar: no line leads across.
func newChart(t *usageTable, label, against string) *usageChart {
	c := &usageChart{Label: label, Width: 10 * max(1, len(t.Rows))}
	var most int64
	for _, r := range t.Rows {
		for i, col := range t.Columns {
			if col.Series != "" && r.Cells[i].Known {
				most = max(most, r.Cells[i].N)
			}
		}
	}
	c.Top = roundUp(most)
	c.Half = c.Top / 2
	var bars, line strings.Builder
	drawn := false
	for i, r := range t.Rows {
		for j, col := range t.Columns {
			d := r.Cells[j]
			switch {
			case col.Series == "now" && d.Known:
				bars.WriteString("M" + strconv.Itoa(10*i+1) + " 100V" + height(d.N, c.Top) + "h8V100z")
			case col.Series == "before":
				drawn = point(&line, i, d, c.Top, drawn)
			}
		}
	}
	c.Bars, c.Line = bars.String(), line.String()
	if c.Line != "" {
		c.Against = against
	}
	if n := len(t.Rows); n > 0 {
		c.Ticks = []string{t.Rows[0].Cells[0].S}
		if n > 4 {
			c.Ticks = append(c.Ticks, t.Rows[n/2].Cells[0].S)
		}
		if n > 1 {
			c.Ticks = append(c.Ticks, t.Rows[n-1].Cells[0].S)
		}
	}
	return c
}

// point goes on with a line, or begins it anew behind a gap; a point alone is a short stroke.
func point(line *strings.Builder, i int, d datum, top int64, drawn bool) bool {
	if !d.Known {
		return false
	}
	if drawn {
		line.WriteString("L" + strconv.Itoa(10*i+5) + " " + height(d.N, top))
		return true
	}
	line.WriteString("M" + strconv.Itoa(10*i+4) + " " + height(d.N, top) + "h1")
	return true
}

// height is where a number is in the picture, from above.
func height(n, top int64) string {
	y := float64(chartHeight) - float64(n)*chartHeight/float64(max(1, top))
	return strconv.FormatFloat(y, 'f', 1, 64)
}

// roundUp gives an axis an end that is easy to read, and whose half is whole.
func roundUp(n int64) int64 {
	for scale := int64(1); ; scale *= 10 {
		for _, step := range []int64{2, 4, 6, 8} {
			if n <= step*scale {
				return step * scale
			}
		}
	}
}

// spark draws a series as small bars, for a tile.
func spark(list []datum) *usageChart {
	t := usageTable{Columns: []usageColumn{{Series: "now"}}}
	for _, d := range list {
		t.Rows = append(t.Rows, usageRow{Cells: []datum{d}})
	}
	return newChart(&t, "", "")
}
