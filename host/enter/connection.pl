# For enter.pl: the connection to the session, made again when it breaks, as core/sessions/remote-command.ts has it; frames.ts, stream-frames.ts
# and messages.ts there say what goes over it.
use strict;

my ($AF_UNIX, $STREAM, $NONBLOCK, $CLOEXEC, $LONGEST_PATH) = (1, 1, 04000, 02000000, 107);
my ($ENOENT, $ECONNREFUSED) = (2, 111);
my ($GREETING_S, $ANSWER_S, $GRACE_S, $AGAIN_S) = (1, 30, 10, 0.1);
my ($HEADER, $LARGEST, $OFFSET) = (5, 65_536, 6);
my @KINDS = qw(hello open opened refused resume resumed stdin stdout stderr ack resize signal end close);
my %KINDS = map { $KINDS[$_] => $_ } 0 .. $#KINDS;
our ($WINDOW, $PIECE) = (262_144, $LARGEST - $OFFSET);

# How far it is (greets, asks, runs), what came that is no whole frame yet, what has to go out; until when we wait, and when it is to be made
# again. Then the secret name by which the command is taken up again, and how it ended, in JSON.
our %connection = (socket => undef, state => "", in => "", out => "", due => 0, again => 0, command => undef, end => undef);
# What was not acknowledged, the offset of its first byte, and whether it has ended.
our %input = (kept => "", start => 0, isOver => 0);
# Each with its `kind`, the bytes `received`, those of them that were not written yet (`rest`), and how many the session was `told` of.
our @outputs;

sub offset { my ($bytes) = @_; return pack "n N", $bytes >> 32, $bytes & 0xffffffff }
sub number { my ($high, $low) = @_; return $high << 32 | $low }
sub put { my ($kind, $payload) = @_; $connection{out} .= pack("N C", length $payload, $KINDS{$kind}) . $payload }
sub put_while_running { put(@_) if $connection{state} eq "runs" }

sub begin {
  (my $path, $connection{request}) = @_;
  length $path <= $LONGEST_PATH or hand_over();
  $connection{address} = pack "S Z108", $AF_UNIX, $path;
  $connection{due} = now() + $GREETING_S;
  dial();
}

sub dial {
  my $isThere = socket(my $socket, $AF_UNIX, $STREAM | $NONBLOCK | $CLOEXEC, 0);
  $isThere &&= connect($socket, $connection{address});
  return lose($! == $ENOENT || $! == $ECONNREFUSED) if !$isThere;
  @connection{qw(socket state)} = ($socket, "greets");
}

# It broke, or could not be made, perhaps for good.
sub lose {
  my ($isForGood) = @_;
  my $was = $connection{state};
  @connection{qw(socket state in out)} = (undef, "", "", "");
  return if defined $connection{end};
  # once it was asked for, the command may run, and must not run twice
  if (!defined $connection{command}) { return $was eq "asks" ? be_lost("the session did not answer.") : hand_over() }
  $connection{due} = now() + $GRACE_S if $was eq "runs";
  return be_lost("the session ended.") if $isForGood || now() > $connection{due};
  $connection{again} = $was eq "runs" ? 0 : now() + $AGAIN_S;
}

sub be_lost { my ($detail) = @_; $connection{end} = "{\"kind\":\"lost\",\"detail\":\"$detail\"}" }

# Reads if there is something to read, sends what has to go out, and does what is due.
sub go_on {
  my ($isReadable) = @_;
  read_in() if $isReadable;
  send_out();
  dial() if !$connection{socket} && !defined $connection{end} && now() >= $connection{again};
  lose() if $connection{socket} && $connection{state} ne "runs" && now() > $connection{due};
}

sub read_in {
  my $got = sysread($connection{socket}, $connection{in}, $LARGEST, length $connection{in});
  return if !defined $got && is_for_later();
  return lose() if !$got;
  while ($connection{socket} && length $connection{in} >= $HEADER) {
    my ($length, $kind) = unpack "N C", $connection{in};
    return lose() if $length > $LARGEST;
    return if length $connection{in} < $HEADER + $length;
    my $payload = substr($connection{in}, $HEADER, $length);
    substr($connection{in}, 0, $HEADER + $length, "");
    hear($KINDS[$kind] || "", $payload) or return lose();
  }
}

sub send_out {
  return if !$connection{socket} || $connection{out} eq "";
  my $sent = syswrite($connection{socket}, $connection{out}) or return;
  substr($connection{out}, 0, $sent, "");
}

# Takes a frame, and answers whether it is one that we may get.
sub hear {
  my ($kind, $payload) = @_;
  return 1 if defined $connection{end};
  return greeted($kind eq "hello" && $payload =~ /"protocol":1[,}]/) if $connection{state} eq "greets";
  return answered($kind, $payload) if $connection{state} eq "asks";
  return take($outputs[$kind eq "stderr"], $payload) if $kind eq "stdout" || $kind eq "stderr";
  return acknowledged(unpack "C n N", $payload) if $kind eq "ack" && length $payload == 1 + $OFFSET;
  return $kind eq "end" && finish($payload);
}

sub greeted {
  my ($isWell) = @_;
  return 0 if !$isWell;
  put("hello", '{"protocol":1}');
  if (defined $connection{command}) { put("resume", sprintf '{"channel":"%s","stdout":%d,"stderr":%d}', $connection{command}, map { $_->{received} } @outputs) }
  else { put("open", $connection{request}); $connection{due} = now() + $ANSWER_S }
  $connection{state} = "asks";
  return 1;
}

sub answered {
  my ($kind, $payload) = @_;
  my $isKnown = defined $connection{command};
  if ($kind eq "refused") { $isKnown ? lose(1) : hand_over(); return 1 }
  return $kind eq "resumed" && $payload =~ /^\{"stdin":(\d+)\}$/ && take_up($1) if $isKnown;
  return $kind eq "opened" && (($connection{command}) = $payload =~ /^\{"channel":"(\w+)"/) && take_up(0);
}

# From here on the frames are the command's, which has so many bytes of its input.
sub take_up {
  my ($has) = @_;
  my ($start, $end) = ($input{start}, $input{start} + length $input{kept});
  return 0 if $has < $start || $has > $end;
  $connection{state} = "runs";
  acknowledge($_) for @outputs;
  for (my $at = $has; $at < $end; $at += $PIECE) { put("stdin", offset($at) . substr($input{kept}, $at - $start, $PIECE)) }
  put("stdin", offset($end)) if $input{isOver};
  return 1;
}

sub take {
  my ($output, $payload) = @_;
  return 0 if length $payload < $OFFSET;
  my $known = $output->{received} - number(unpack "n N", $payload);
  my $fresh = length($payload) - $OFFSET - $known;
  return $known >= 0 if $known < 0 || $fresh <= 0;
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
  my (undef, @offset) = @_;
  my $gone = number(@offset) - $input{start};
  return 0 if $gone > length $input{kept};
  if ($gone > 0) { substr($input{kept}, 0, $gone, ""); $input{start} += $gone }
  return 1;
}

# Nothing more is sent or awaited. Without this last word the session would keep the command for a client that comes back.
sub finish { ($connection{end}) = @_; put_while_running("close", ""); return 1 }

1;
