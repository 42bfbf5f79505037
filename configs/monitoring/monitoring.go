// Package monitoring holds what operators watch a hub with: rules of alerts, dashboards, and
// the configuration of the programs that compose.yaml starts beside the hub.
//
// Nothing flows in; out flow the questions of the usage dashboard, so that a test can put them
// to a real store. It stores nothing and is no part of the hub. It must not know how usage is
// stored: only the views that carry the crowd rule.
package monitoring

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

//go:embed grafana/dashboards/*.json
var files embed.FS

// Query is what one panel of the usage dashboard asks ClickHouse.
type Query struct {
	Panel string
	SQL   string // as written, with Grafana's macros $__fromTime and $__toTime
}

// UsageQueries returns the questions of the usage dashboard, in the order of its panels.
func UsageQueries() ([]Query, error) {
	d, err := readDashboard("usage.json")
	if err != nil {
		return nil, err
	}
	var list []Query
	for _, p := range d.Panels {
		for _, t := range p.Targets {
			list = append(list, Query{Panel: p.Title, SQL: t.SQL})
		}
	}
	return list, nil
}

// Between returns the question as Grafana puts it for a stretch of time.
func (q Query) Between(from, to time.Time) string {
	return strings.NewReplacer(
		"$__fromTime", fmt.Sprintf("toDateTime(%d)", from.Unix()),
		"$__toTime", fmt.Sprintf("toDateTime(%d)", to.Unix()),
	).Replace(q.SQL)
}

// dashboard is of a dashboard what can be right or wrong without Grafana.
type dashboard struct {
	UID    string  `json:"uid"`
	Title  string  `json:"title"`
	Panels []panel `json:"panels"`
}

type panel struct {
	ID          int      `json:"id"`
	Type        string   `json:"type"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Source      source   `json:"datasource"`
	Grid        grid     `json:"gridPos"`
	Targets     []target `json:"targets"`
	Panels      []panel  `json:"panels"` // of a folded row
	Field       struct {
		Defaults struct {
			NoValue string `json:"noValue"`
			Custom  struct {
				Stacking    any  `json:"stacking"`
				SpanNulls   any  `json:"spanNulls"`
				InsertNulls *int `json:"insertNulls"` // milliseconds without a point that break a line
			} `json:"custom"`
		} `json:"defaults"`
	} `json:"fieldConfig"`
}

type grid struct{ H, W, X, Y int }

type source struct{ Type, UID string }

type target struct {
	RefID  string `json:"refId"`
	Source source `json:"datasource"`
	Expr   string `json:"expr"`
	SQL    string `json:"rawSql"`
	Plugin string `json:"pluginVersion"`
}

func readDashboard(name string) (*dashboard, error) {
	text, err := files.ReadFile("grafana/dashboards/" + name)
	if err != nil {
		return nil, fmt.Errorf("reading a dashboard: %w", err)
	}
	d := &dashboard{}
	if err := json.Unmarshal(text, d); err != nil {
		return nil, fmt.Errorf("reading dashboard %s: %w", name, err)
	}
	return d, nil
}
