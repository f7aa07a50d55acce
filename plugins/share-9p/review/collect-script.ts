/**
 * Perl that tells what lies in the upper directory $1 of an overlay, as root in the guest: everything once, and then, every $2
 * seconds or ten times as long as looking took, what is new, until a line comes. $3 is the number of lgetxattr(2). It says
 *   R TYPE MODE PATH   TYPE f, d, o (a directory that hides the one below), l, w (removed), x (anything else); the path in hexadecimal
 *   C BYTES            then so many bytes of a file or of a link's target; 0 ends them
 *   D PATH             as before the session
 *   E                  all of one look has been told; F after the last one
 */
export const COLLECT_SCRIPT = `
use strict;
my ($root, $every, $lgetxattr) = @ARGV;
binmode STDOUT;
my %sent;
sub out { my $all = join "", @_; my $at = 0; while ($at < length $all) { my $n = syswrite(STDOUT, $all, length($all) - $at, $at) or exit 1; $at += $n } }
sub opaque { my ($path) = @_; my ($name, $value) = ("trusted.overlay.opaque", "\\0" x 16); return syscall(0 + $lgetxattr, $path, $name, $value, 16) >= 0 }
sub content {
  my ($path) = @_;
  if (open(my $file, "<:raw", $path)) {
    while (my $n = sysread($file, my $chunk, 65536)) { out("C $n\\n", $chunk) }
  }
  out("C 0\\n");
}
sub look {
  my (%seen, @todo);
  push @todo, "";
  while (defined(my $folder = pop @todo)) {
    opendir(my $entries, length $folder ? "$root/$folder" : $root) or next;
    for my $name (readdir $entries) {
      next if $name eq "." || $name eq "..";
      my $path = length $folder ? "$folder/$name" : $name;
      my @stat = lstat("$root/$path") or next;
      $seen{$path} = 1;
      my $type = -l _ ? "l" : -d _ ? "d" : -f _ ? "f" : -c _ && $stat[6] == 0 ? "w" : "x";
      if ($type eq "d") { push @todo, $path; $type = "o" if opaque("$root/$path") }
      my $mode = $stat[2] & 07777;
      my $sign = $type =~ /[do]/ ? "$type $mode" : "$type $mode $stat[7] $stat[9] $stat[10] $stat[1]";
      next if ($sent{$path} // "") eq $sign;
      $sent{$path} = $sign;
      out("R $type $mode ", unpack("H*", $path), "\\n");
      content("$root/$path") if $type eq "f";
      if ($type eq "l") { my $target = readlink "$root/$path"; out("C ", length $target, "\\n", $target, "C 0\\n") }
    }
  }
  for my $path (grep { !$seen{$_} } keys %sent) { delete $sent{$path}; out("D ", unpack("H*", $path), "\\n") }
}
while (1) {
  my $began = time;
  look();
  out("E\\n");
  my $ready = "";
  vec($ready, 0, 1) = 1;
  my $took = 10 * (time - $began);
  next unless select($ready, undef, undef, $took > $every ? $took : $every);
  look() if sysread(STDIN, my $line, 100);
  out("F\\n");
  exit;
}
`;
