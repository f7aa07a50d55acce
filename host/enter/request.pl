# For enter.pl: finds a session as core/sessions/list.ts does, and says what to ask of it as core/commands/exec-in-session.ts does.
use strict;

# O_NOFOLLOW of both of our architectures: the other one's is O_LARGEFILE.
my ($NONBLOCK, $NOFOLLOW) = (04000, 0500000);
my ($LARGEST, $MOST_WORDS) = (65_536, 10_000);
my %ESCAPES = ("\b" => "b", "\f" => "f", "\n" => "n", "\r" => "r", "\t" => "t", '"' => '"', "\\" => "\\");
my %ESCAPED = reverse %ESCAPES;

# UTF-8 as others know it: perl's own goes on where that ends, and has the halves of UTF-16's pairs.
sub is_text { my ($bytes) = @_; return $bytes !~ /\xed[\xa0-\xbf]|\xf4[\x90-\xbf]|[\xf5-\xff]/ && utf8::decode($bytes) }

# As JSON.stringify does it, so that what it made can be compared.
sub quoted {
  my ($text) = @_;
  $text =~ s/([\x00-\x1f"\\])/"\\" . ($ESCAPES{$1} || sprintf "u%04x", ord $1)/ge;
  return "\"$text\"";
}

# For people: what was between quotes in JSON, as core/support/escape.ts shows it.
sub shown {
  my ($text) = @_;
  utf8::decode($text);
  $text =~ s/\\(?:u([0-9a-f]{4})|(.))/defined $1 ? chr($1 =~ m{^d[89a-f]} ? 0xfffd : hex $1) : $ESCAPED{$2} || $2/ge;
  $text =~ s/\r\n/\n/g;
  $text =~ s/([\x00-\x08\x0b-\x1f\x7f-\x9f\x{61c}\x{200e}\x{200f}\x{2028}-\x{202e}\x{2066}-\x{2069}\x{feff}])/sprintf "\\u{%x}", ord $1/ge;
  utf8::encode($text);
  return $text;
}

sub contents {
  my ($path, $isOurs) = @_;
  sysopen(my $file, $path, $NOFOLLOW | $NONBLOCK) or return "";
  !$isOurs || (-f $file && (stat _)[4] == $<) or return "";
  sysread($file, my $text, $LARGEST) or return "";
  return $text;
}

# Where the session's directory would be.
sub directory_of {
  my ($name) = @_;
  my $given = $ENV{XDG_RUNTIME_DIR} || "";
  my ($temporary) = grep { defined && length } @ENV{qw(TMPDIR TMP TEMP)}, "/tmp";
  my $isOurs = $given =~ m{^/} && (lstat $given) && (stat _)[4] == $<;
  return ($isOurs ? "$given/cloche" : "$temporary/cloche-$<") . "/sessions/$name";
}

# Its project, in JSON; nothing unless the record is as core/sessions/record.ts writes it, and who keeps the session lives.
sub project_of {
  my ($directory, $name) = @_;
  my $text = qr/[^"\\\x00-\x1f]*(?:\\(?:["\\bfnrt]|u[0-9a-f]{4})[^"\\\x00-\x1f]*)*/;
  my $form = join "\n", '\{', '  "version": 1,', "  \"name\": \"$name\",", "  \"project\": \"($text)\",", '  "state": "running",',
    "  \"created\": \"$text\",", '  "owner": \{', '    "pid": ([1-9]\d*),', '    "startTicks": (\d+),', "    \"bootId\": \"($text)\",",
    "    \"namespace\": \"($text)\"", '  \}(?:,', '  "detached": (?:true|false))?', '\}';
  my $record = contents("$directory/record.json", 1);
  my ($project, $pid, $ticks, $boot, $namespace) = $record =~ /^$form\n\z/ or return;
  is_text($record) && contents("/proc/sys/kernel/random/boot_id") eq "$boot\n" && readlink("/proc/self/ns/pid") eq $namespace or return;
  # the program's own choice of name is in the brackets, and may hold any
  my ($facts) = contents("/proc/$pid/stat") =~ /.*\) (.*)/s or return;
  my @facts = split / /, $facts;
  return $facts[0] !~ /[ZX]/ && $facts[19] eq $ticks ? $project : ();
}

# The path of the session's socket and what to ask for there; nothing where Node has to look.
sub request_for {
  my ($name, @words) = @_;
  $name =~ /^[a-z0-9][a-z0-9-]{0,39}\z/ or return;
  my $directory = directory_of($name);
  my ($mode, $owner) = (lstat $directory)[2, 4];
  # Node takes `..` away without a look at what is there
  -d _ && $owner == $< && ($mode & 077) == 0 && $directory !~ m{/\.\./} or return;
  defined(my $project = project_of($directory, $name)) or return;
  my $here = readlink "/proc/self/cwd";
  my $isThere = defined $here && join(" ", (stat $here)[0, 1]) eq join(" ", (stat ".")[0, 1]);
  my $cwd = $isThere && index(quoted($here), "\"$project/") == 0 ? quoted($here) : "\"$project\"";
  my $request = '{"argv":[' . join(",", map { quoted($_) } @words) . "],\"cwd\":$cwd,\"env\":{\"LANG\":\"C.UTF-8\"}}";
  is_text($request) && (!$isThere || is_text($here)) && @words <= $MOST_WORDS && length $request <= $LARGEST or return;
  return ("$directory/control.sock", $request);
}

1;
