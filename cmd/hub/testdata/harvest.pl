#!/usr/bin/perl
# Harvests a repository with HTTP::OAI, a harvester that the hub's authors did not write.
# Prints one line a record: identifier, datestamp, "deleted" or "live", first dc:title.
use strict;
use warnings;
use HTTP::OAI;

binmode STDOUT, ':utf8';
my ($base, $prefix, $from) = @ARGV; # from: only what changed since, or nothing
my $h = HTTP::OAI::Harvester->new(baseURL => $base, resume => 1);

my $id = $h->Identify;
die 'Identify: ', $id->code, ' ', $id->message, "\n" if $id->is_error;
my $formats = $h->ListMetadataFormats;
die 'ListMetadataFormats: ', $formats->message, "\n" if $formats->is_error;
my $sets = $h->ListSets;
die 'ListSets: ', $sets->message, "\n" if $sets->is_error;

my $list = $h->ListRecords(
	metadataPrefix => $prefix,
	($from ? (from => $from) : ()),
	onRecord       => sub {
		my ($rec) = @_;
		my $title = '';
		if (!$rec->is_deleted && $prefix eq 'oai_dc') {
			my ($node) = $rec->metadata->dom->findnodes(q{.//*[local-name()="title"]});
			$title = $node->textContent if $node;
			$title =~ s/\s+/ /g;
		}
		print join("\t", $rec->identifier, $rec->datestamp, $rec->is_deleted ? 'deleted' : 'live', $title), "\n";
	},
);
die 'ListRecords: ', $list->code, ' ', $list->message, "\n" if $list->is_error && !($from && ($list->errors)[0]->code eq 'noRecordsMatch');
