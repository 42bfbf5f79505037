package portal

import (
	"context"
	"fmt"
	"strconv"

	"ctiphub/analytics"
)

// weekdays are the rows of the rhythm, Monday first.
var weekdays = [7]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// rhythm is how busy the hours of the week are. Steps are known by whole hours of UTC: a zone
// that is half an hour off cannot be shown exactly, and is shown in UTC.
func (u *usageReading) rhythm(ctx context.Context, t *usageTable) error {
	s, err := u.ask(ctx, t.Range, analytics.Question{View: analytics.ViewRhythm, By: []string{"a", "b"}, Metrics: []string{analytics.MetricIntensity}})
	if err != nil {
		return err
	}
	zone := u.q.get("zone")
	shift, err := strconv.Atoi(zone)
	name := "UTC"
	switch {
	case err == nil:
		name = "UTC+" + zone
	case zone != "utc":
		t.Notes = append(t.Notes, "Hours are counted by whole hours of UTC. UTC+"+zone+" is half an hour off, so these are hours of UTC.")
	}
	t.Title, t.Matrix = "Hours of the week, "+name, true
	t.Lead = "10 is the busiest hour. The steps of the shown weeks are added up, and brought back to ten."
	t.Columns = []usageColumn{{Key: "weekday", Label: "Weekday", Coded: true}}
	for hour := range 24 {
		t.Columns = append(t.Columns, usageColumn{Key: fmt.Sprintf("h%02d", hour), Label: fmt.Sprintf("%02d", hour), Number: true})
	}
	steps, busiest := hours(s, shift)
	for day, name := range weekdays {
		first := words(name)
		first.ID = strconv.Itoa(day + 1)
		row := usageRow{Cells: []datum{first}}
		for hour := range 24 {
			var d datum
			if n := steps[day*24+hour]; n > 0 {
				d = datum{N: (n*10 + busiest - 1) / busiest, Known: true}
				d.Heat = int(d.N+1) / 2
			}
			row.Cells = append(row.Cells, d)
		}
		t.Rows = append(t.Rows, row)
	}
	return nil
}

// hours puts the steps in the order of the hours of a week, shifted by whole hours.
func hours(s sums, shift int) (steps [7 * 24]int64, busiest int64) {
	busiest = 1
	for k, v := range s {
		day, err1 := strconv.Atoi(k.A)
		hour, err2 := strconv.Atoi(k.B)
		if err1 != nil || err2 != nil || day < 1 || day > 7 || hour < 0 || hour > 23 {
			continue
		}
		at := ((day-1)*24 + hour + shift + 7*24) % (7 * 24)
		steps[at] = v.N
		busiest = max(busiest, v.N)
	}
	return steps, busiest
}
