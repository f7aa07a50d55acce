#!/usr/bin/perl -w
# Runs a command in a session that runs: the plain case of core/commands/exec-in-session.ts, without Node, which takes longer to start than
# all the rest. Usage: enter.pl LAUNCHER SESSION COMMAND…. What fails before the command was asked for, and whatever is not as expected
# until then, the launcher does anew with Node, which knows what to say. (-w above, since `use warnings` takes 2 ms to load.)
use strict;

my ($launcher, $name, @words) = @ARGV;
my ($AF_UNIX, $STREAM, $NONBLOCK, $CLOEXEC) = (1, 1, 04000, 02000000);
my ($ENOENT, $EINTR, $EIO, $EAGAIN, $EPIPE, $ECONNREFUSED) = (2, 4, 5, 11, 32, 111);
my %REASONS = (9 => "EBADF: bad file descriptor", 27 => "EFBIG: file too large", 28 => "ENOSPC: no space left on device");
my ($FAILED, $LOST, $SIGNALLED) = (125, 255, 128);
my ($GREETING_S, $ANSWER_S, $GRACE_S, $AGAIN_S, $ENDING_S, $ECHO_S, $LOOK_S) = (1, 30, 10, 0.1, 2, 0.5, 1);
my ($LONGEST_PATH, $HEADER, $LARGEST, $OFFSET, $WINDOW, $SELDOM) = (107, 5, 65_536, 6, 262_144, 32_768);
my $PIECE = $LARGEST - $OFFSET;
# What a pipe takes without blocking when it takes anything; others write to it too, so that it may not be made non-blocking.
my $PIPE_TAKES = 4_096;
my @KINDS = qw(hello open opened refused resume resumed stdin stdout stderr ack resize signal end close);
my %KINDS = map { $KINDS[$_] => $_ } 0 .. $#KINDS;
my @SIGNALS = qw(HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ
  VTALRM PROF WINCH IO PWR SYS);
my %SIGNALS = map { $SIGNALS[$_] => $_ + 1 } 0 .. $#SIGNALS;

sub hand_over {
  $ENV{CLOCHE_BY_NODE} = 1;
  $SIG{$_} = "DEFAULT" for qw(PIPE XFSZ);
  exec("/bin/sh", $launcher, "exec", "--session=$name", "--", @words) or die "cloche: $launcher: $!\n";
}

require(($0 =~ m{(.*/)}s)[0] . "enter-request.pl");
my ($path, $request) = request_for($name, @words);
defined $path && length $path <= $LONGEST_PATH or hand_over();

# The connection: how far it is (greets, asks, runs), what came that is no whole frame yet, what has to go out.
my ($socket, $state, $in, $out) = (undef, "", "", "");
# When it is too late for what is awaited, when to connect again, the command's name for that, and how it ended, in JSON.
my ($due, $again, $channel, $end) = (0, 0, undef, undef);
# Standard input: what was not acknowledged, the offset of its first byte, and whether it has ended.
my ($kept, $start, $isOver) = ("", 0, 0);
my @outputs = map { { kind => $_->[0], to => $_->[1], most => -f $_->[1] ? $LARGEST : $PIPE_TAKES, received => 0, told => 0, rest => "" } }
  ["stdout", \*STDOUT], ["stderr", \*STDERR];
# Why we end before the command: the status, the words, and until when that waits. Then the signals that came, and the latest one.
my ($status, $complaint, $leaveAt) = (undef, "", 0);
my ($latest, $latestAt, @came) = ("", 0);

# Time::HiRes takes 5 ms to load.
sub now { return contents("/proc/uptime") =~ /^(\S+)/ ? $1 : time }

sub offset { my ($bytes) = @_; return pack "n N", $bytes >> 32, $bytes & 0xffffffff }
sub number { my ($high, $low) = @_; return $high << 32 | $low }
sub put { my ($kind, $payload) = @_; $out .= pack("N C", length $payload, $KINDS{$kind}) . $payload }
sub put_while_running { put(@_) if $state eq "runs" }
sub is_for_later { return $! == $EAGAIN || $! == $EINTR }

sub dial {
  my $fresh;
  my $isThere = socket($fresh, $AF_UNIX, $STREAM | $NONBLOCK | $CLOEXEC, 0) && connect($fresh, pack("S Z108", $AF_UNIX, $path));
  return lose($! == $ENOENT || $! == $ECONNREFUSED) if !$isThere;
  ($socket, $state) = ($fresh, "greets");
}

# The connection broke, or could not be made, perhaps for good.
sub lose {
  my ($isForGood) = @_;
  my $was = $state;
  ($socket, $state, $in, $out) = (undef, "", "", "");
  return if defined $end;
  # once it was asked for, the command may run, and must not run twice
  if (!defined $channel) { return $was eq "asks" ? lost("the session did not answer.") : hand_over() }
  $due = now() + $GRACE_S if $was eq "runs";
  return lost("the session ended.") if $isForGood || now() > $due;
  $again = $was eq "runs" ? 0 : now() + $AGAIN_S;
}

sub lost { my ($detail) = @_; $end = "{\"kind\":\"lost\",\"detail\":\"$detail\"}" }

# Takes a frame, and answers whether it is one that we may get.
sub hear {
  my ($kind, $payload) = @_;
  return 1 if defined $end;
  return greeted($kind eq "hello" && $payload =~ /"protocol":1[,}]/) if $state eq "greets";
  return answered($kind, $payload) if $state eq "asks";
  return take($outputs[$kind eq "stderr"], $payload) if $kind eq "stdout" || $kind eq "stderr";
  return acknowledged(unpack "C n N", $payload) if $kind eq "ack" && length $payload == 1 + $OFFSET;
  return $kind eq "end" && finish($payload);
}

sub greeted {
  my ($isWell) = @_;
  return 0 if !$isWell;
  put("hello", '{"protocol":1}');
  if (!defined $channel) { put("open", $request); $due = now() + $ANSWER_S }
  else { put("resume", sprintf '{"channel":"%s","stdout":%d,"stderr":%d}', $channel, map { $_->{received} } @outputs) }
  $state = "asks";
  return 1;
}

sub answered {
  my ($kind, $payload) = @_;
  if ($kind eq "refused") { defined $channel ? lose(1) : hand_over(); return 1 }
  if ($kind eq "opened" && !defined $channel) { return (($channel) = $payload =~ /^\{"channel":"(\w+)"/) && take_up(0) }
  return $kind eq "resumed" && $payload =~ /^\{"stdin":(\d+)\}$/ && take_up($1);
}

# From here on the frames are the command's, which has so many bytes of its input.
sub take_up {
  my ($has) = @_;
  my $last = $start + length $kept;
  return 0 if $has < $start || $has > $last;
  $state = "runs";
  acknowledge($_) for @outputs;
  for (my $at = $has; $at < $last; $at += $PIECE) { put("stdin", offset($at) . substr($kept, $at - $start, $PIECE)) }
  put("stdin", offset($last)) if $isOver;
  return 1;
}

sub take {
  my ($output, $payload) = @_;
  return 0 if length $payload < $OFFSET;
  my $known = $output->{received} - number(unpack "n N", $payload);
  return 0 if $known < 0;
  my $fresh = length($payload) - $OFFSET - $known;
  return 1 if $fresh <= 0;
  return 0 if $fresh + length $output->{rest} > $WINDOW;
  $output->{received} += $fresh;
  if ($output->{isBroken}) { acknowledge($output) }
  else { $output->{rest} .= substr($payload, -$fresh) }
  return 1;
}

sub acknowledge {
  my ($output) = @_;
  $output->{told} = $output->{received} - length $output->{rest};
  put_while_running("ack", pack("C", $output->{kind} eq "stdout" ? 1 : 2) . offset($output->{told}));
}

sub acknowledged {
  my ($stream, @offset) = @_;
  my $gone = number(@offset) - $start;
  return 0 if $stream != 0 || $gone > length $kept;
  if ($gone > 0) { substr($kept, 0, $gone, ""); $start += $gone }
  return 1;
}

sub finish { ($end) = @_; put_while_running("close", ""); return 1 }

sub pour {
  my ($output) = @_;
  my $written = syswrite($output->{to}, $output->{rest}, $output->{most});
  if (defined $written) { substr($output->{rest}, 0, $written, "") }
  elsif (is_for_later()) { return }
  else {
    ($output->{isBroken}, $output->{rest}) = (1, "");
    unwritable() if $output->{kind} eq "stdout";
  }
  acknowledge($output) if $output->{rest} eq "" || $output->{received} - length($output->{rest}) - $output->{told} >= $SELDOM;
}

sub unwritable {
  return leave("TERM", $SIGNALLED + $SIGNALS{PIPE}, "") if $! == $EPIPE || $! == $EIO;
  my $reason = $REASONS{0 + $!} || "$!";
  leave("TERM", $FAILED, "cloche: What belongs on standard output could not be written: $reason, write.\n  See that the disk it goes to has space left.\n  (OUTPUT_LOST)\n");
}

sub feed {
  my $room = $WINDOW - length $kept;
  my $got = sysread(STDIN, my $piece, $room < $PIECE ? $room : $PIECE);
  return if !defined $got && is_for_later();
  # what cannot be read has ended, too
  $isOver = 1 if !$got;
  $piece = "" if !$got;
  put_while_running("stdin", offset($start + length $kept) . $piece);
  $kept .= $piece;
}

sub listen_to_session {
  my $got = sysread($socket, $in, $LARGEST, length $in);
  return if !defined $got && is_for_later();
  return lose() if !$got;
  while ($socket && length $in >= $HEADER) {
    my ($length, $kind) = unpack "N C", $in;
    return lose() if $length > $LARGEST;
    last if length $in < $HEADER + $length;
    my $payload = substr($in, $HEADER, $length);
    substr($in, 0, $HEADER + $length, "");
    hear($KINDS[$kind] || "", $payload) or return lose();
  }
}

sub send_out {
  my $sent = syswrite($socket, $out);
  substr($out, 0, $sent, "") if $sent;
  return $sent;
}

# Has the command end, and us with it or soon; the first reason counts.
sub leave {
  my ($signal, @why) = @_;
  return if defined $status;
  ($status, $complaint) = @why;
  $leaveAt = now() + $ENDING_S;
  put_while_running("signal", "{\"name\":\"$signal\"}");
}

# The same signal once more is no second wish when it comes at once, see core/cli/ending.ts.
sub heed {
  my ($signal) = @_;
  my $isEcho = $latest eq $signal && now() - $latestAt < $ECHO_S;
  ($latest, $latestAt) = ($signal, now()) if !$isEcho;
  exit $SIGNALLED + $SIGNALS{$signal} if !defined $channel || (defined $status && !$isEcho);
  leave($signal, $SIGNALLED + $SIGNALS{$signal}, "");
}

sub turn {
  my ($readable, $writable) = ("", "");
  my $feeds = defined $channel && !defined $end && !$isOver && length $kept < $WINDOW;
  vec($readable, 0, 1) = 1 if $feeds;
  vec($readable, fileno $socket, 1) = 1 if $socket;
  vec($writable, fileno $socket, 1) = 1 if $socket && length $out;
  for (@outputs) { vec($writable, fileno $_->{to}, 1) = 1 if length $_->{rest} }
  # a signal that comes between the last look at them and this is seen after it
  my $count = select($readable, $writable, undef, defined $status || !$socket ? $AGAIN_S : $LOOK_S);
  heed(shift @came) while @came;
  ($readable, $writable) = ("", "") if $count < 0;
  feed() if vec($readable, 0, 1);
  for (@outputs) { pour($_) if vec($writable, fileno $_->{to}, 1) }
  listen_to_session() if $socket && vec($readable, fileno $socket, 1);
  send_out() if $socket && length $out;
  dial() if !$socket && !defined $end && now() >= $again;
  lose() if $socket && $state ne "runs" && now() > $due;
}

sub is_done {
  return 1 if defined $end && !grep { length $_->{rest} } @outputs;
  return defined $status && now() >= $leaveAt;
}

$SIG{$_} = "IGNORE" for qw(PIPE XFSZ);
for my $signal (qw(HUP INT TERM)) { $SIG{$signal} = sub { push @came, $signal } }
$due = now() + $GREETING_S;
dial();
turn() until is_done();

finish("") if !defined $end;
if (!defined $status) {
  if ($end =~ /^\{"kind":"exit","status":(\d+)\}$/) { $status = $1 & 0xff }
  elsif ($end =~ /^\{"kind":"signal","signal":"(\w+)"\}$/) { $status = $SIGNALLED + ($SIGNALS{$1} || 0) }
  else {
    my ($detail) = $end =~ /^\{"kind":"lost","detail":"(.*)"\}$/s;
    ($status, $complaint) = ($LOST, "The connection with the guest is lost: " . shown($detail || "") . "\n");
  }
}
# without the last word the session would keep the command for a client that comes back
send_out() if $socket && length $out;
syswrite(STDERR, $complaint);
exit $status;
