#!/usr/bin/perl -w
# Runs a command in a session that runs: the plain case of core/commands/exec-in-session.ts, without Node, which takes longer to start than
# all the rest. Usage: enter.pl LAUNCHER SESSION COMMAND…. What fails before the command was asked for, and whatever is not as expected
# until then, the launcher does anew with Node, which knows what to say. (-w above, since `use warnings` takes 2 ms to load.)
use strict;

my ($launcher, $name, @words) = @ARGV;
my ($EINTR, $EIO, $EAGAIN, $EPIPE) = (4, 5, 11, 32);
my %REASONS = (9 => "EBADF: bad file descriptor", 27 => "EFBIG: file too large", 28 => "ENOSPC: no space left on device");
my ($FAILED, $LOST, $SIGNALLED) = (125, 255, 128);
my ($ENDING_S, $ECHO_S, $SOON_S, $LOOK_S) = (2, 0.5, 0.1, 1);
# What a pipe takes without blocking when it takes anything; others write to it too, so that it may not be made non-blocking.
my ($PIPE_TAKES, $FILE_TAKES) = (4_096, 65_536);
my $TOLD_EACH = 32_768;
my @SIGNALS = qw(HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ
  VTALRM PROF WINCH IO PWR SYS);
my %STATUS = map { $SIGNALS[$_] => $SIGNALLED + $_ + 1 } 0 .. $#SIGNALS;

# Why we end before the command: the status, the words, and how long that may take. Then the signal that counted last, and those that came.
my ($status, $complaint, $leaveAt) = (undef, "", 0);
my ($latest, $latestAt, @came) = ("", 0);

sub hand_over {
  exit $STATUS{$came[0]} if @came;
  $ENV{CLOCHE_BY_NODE} = 1;
  $SIG{$_} = "DEFAULT" for qw(PIPE XFSZ);
  exec("/bin/sh", $launcher, "exec", "--session=$name", "--", @words) or die "cloche: $launcher: $!\n";
}

my ($folder) = $0 =~ m{(.*)/}s;
require "$folder/enter/$_.pl" for qw(request connection);
our ($WINDOW, $PIECE, %connection, %input, @outputs);
my ($path, $request) = request_for($name, @words) or hand_over();
@outputs = map { { kind => $_->[0], to => $_->[1], most => -f $_->[1] ? $FILE_TAKES : $PIPE_TAKES, received => 0, told => 0, rest => "" } }
  ["stdout", \*STDOUT], ["stderr", \*STDERR];

# Time::HiRes takes 5 ms to load.
sub now { return contents("/proc/uptime") =~ /^(\S+)/ ? $1 : time }

sub is_for_later { return $! == $EAGAIN || $! == $EINTR }

sub pour {
  my ($output) = @_;
  my $written = syswrite($output->{to}, $output->{rest}, $output->{most});
  if (defined $written) { substr($output->{rest}, 0, $written, "") }
  elsif (is_for_later()) { return }
  else {
    ($output->{isBroken}, $output->{rest}) = (1, "");
    unwritable() if $output->{kind} eq "stdout";
  }
  acknowledge($output) if $output->{rest} eq "" || $output->{received} - length($output->{rest}) - $output->{told} >= $TOLD_EACH;
}

sub unwritable {
  return leave("TERM", $STATUS{PIPE}, "") if $! == $EPIPE || $! == $EIO;
  my $reason = $REASONS{0 + $!} || "$!";
  leave("TERM", $FAILED, "cloche: What belongs on standard output could not be written: $reason, write.\n  See that the disk it goes to has space left.\n  (OUTPUT_LOST)\n");
}

sub feed {
  my $room = $WINDOW - length $input{kept};
  my $got = sysread(STDIN, my $piece, $room < $PIECE ? $room : $PIECE);
  return if !defined $got && is_for_later();
  # what cannot be read has ended, too
  $input{isOver} = 1 if !$got;
  $piece = "" if !$got;
  put_while_running("stdin", offset($input{start} + length $input{kept}) . $piece);
  $input{kept} .= $piece;
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
  exit $STATUS{$signal} if !defined $connection{command} || (defined $status && !$isEcho);
  leave($signal, $STATUS{$signal}, "");
}

sub turn {
  my ($readable, $writable) = ("", "");
  my ($socket, $isOver) = ($connection{socket}, defined $connection{end});
  my $feeds = defined $connection{command} && !$isOver && !$input{isOver} && length $input{kept} < $WINDOW;
  vec($readable, 0, 1) = 1 if $feeds;
  vec($readable, fileno $socket, 1) = 1 if $socket;
  vec($writable, fileno $socket, 1) = 1 if $socket && length $connection{out};
  for (@outputs) { vec($writable, fileno $_->{to}, 1) = 1 if length $_->{rest} }
  # a signal that comes between the look at them and the wait is seen after that
  my $count = select($readable, $writable, undef, @came ? 0 : defined $status || !$socket ? $SOON_S : $LOOK_S);
  heed(shift @came) while @came;
  ($readable, $writable) = ("", "") if $count < 0;
  feed() if vec($readable, 0, 1);
  for (@outputs) { pour($_) if vec($writable, fileno $_->{to}, 1) }
  go_on($socket && vec($readable, fileno $socket, 1));
}

sub is_done {
  return 1 if defined $connection{end} && !grep { length $_->{rest} } @outputs;
  return defined $status && now() >= $leaveAt;
}

$SIG{$_} = "IGNORE" for qw(PIPE XFSZ);
for my $signal (qw(HUP INT TERM)) { $SIG{$signal} = sub { push @came, $signal } }
begin($path, $request);
turn() until is_done();

my $end = $connection{end};
finish("") if !defined $end;
if (!defined $status) {
  if ($end =~ /^\{"kind":"exit","status":(\d+)\}$/) { $status = $1 & 0xff }
  elsif ($end =~ /^\{"kind":"signal","signal":"(\w+)"\}$/) { $status = $STATUS{$1} || $SIGNALLED }
  else {
    my ($detail) = $end =~ /^\{"kind":"lost","detail":"(.*)"\}$/s;
    ($status, $complaint) = ($LOST, "The connection with the guest is lost: " . shown($detail || "") . "\n");
  }
}
send_out();
syswrite(STDERR, $complaint);
exit $status;
