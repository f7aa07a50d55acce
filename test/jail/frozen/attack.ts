/**
 * Perl that tries every way to get what it wants to a path of the project: `attack(PATH, CONTENT)`. It makes nothing worse when
 * nothing is held: each way ends with the content in place, or as close to it as that way comes.
 */
export const ATTACK = `
my $count = 0;
sub put { my ($path, $content) = @_; open(my $f, ">", $path) or return 0; print $f $content; close $f; chmod 0755, $path; 1 }
sub fresh { my ($content) = @_; my $path = "$dir/zz-evil-" . $count++; put($path, $content); $path }
sub above { my ($path) = @_; my @above; while ($path =~ s{/[^/]+$}{}) { unshift @above, $path if $path =~ m{/} } @above }
sub make_above { my $at = $dir; for my $part (grep { length } split m{/}, $_[0]) { $at .= "/$part"; mkdir $at } }
sub attack {
  my ($path, $content) = @_;
  my $full = "$dir/$path";
  my ($folder) = $path =~ m{^(.*)/}; $folder //= "";
  make_above($folder);
  my @ways = (
    write => sub { put($full, $content) },
    append => sub { open(my $f, ">>", $full) or return 0; print $f $content; close $f },
    truncate => sub { truncate($full, 0) },
    mode => sub { chmod(0777, $full) && put($full, $content) },
    rename_over => sub { rename(fresh($content), $full) },
    exchange => sub { my $from = fresh($content); my $to = $full; syscall($RENAMEAT2, -100, $from, -100, $to, 2) == 0 },
    remove => sub { (unlink($full) || rmdir($full)) && put($full, $content) },
    rename_away => sub { rename($full, "$dir/zz-away-" . $count++) && put($full, $content) },
    link_swap => sub { my $from = fresh($content); (unlink($full) || rmdir($full) || !-e $full) && symlink($from, $full) },
    hard_link_to => sub { my $from = fresh($content); unlink($full); link($from, $full) },
    hard_link_from => sub { my $to = "$dir/zz-hard-" . $count++; link($full, $to) && put($to, $content) },
    directory => sub { mkdir($full) && put("$full/evil", $content) },
    into => sub { -d $full && put("$full/evil", $content) },
    into_hook => sub { -d $full && put("$full/post-checkout", $content) },
  );
  while (my ($name, $way) = splice @ways, 0, 2) { my $ok = $way->(); my $e = $!; $! = $e; try "$path $name", $ok }
  for my $up (above($path)) {
    my $from = "$dir/$up"; my $to = "$dir/zz-dir-" . $count++;
    try "$path move:$up", rename($from, $to) && (make_above($folder), put($full, $content));
    my $evil = "$dir/zz-new-" . $count++; mkdir $evil;
    try "$path swap:$up", rename($from, "$evil-old") && symlink($evil, $from) && put($full, $content);
    try "$path exchange:$up", syscall($RENAMEAT2, -100, $from, -100, $evil, 2) == 0;
  }
}
`;
