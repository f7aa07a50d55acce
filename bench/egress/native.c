// Both ends of a connection for the gateway's benchmark, so that nothing but the gateway is measured in JavaScript.
// native serve              listens on a free port of 127.0.0.1, prints it, and does what each connection's first line says
// native ask ADDRESS PORT FILE COUNT AT_ONCE   opens COUNT connections, AT_ONCE of them together, sends FILE on each, and reads to
//                           the end; prints bytes and seconds. With "hold" behind it, all stay open until stdin ends.
// The file is a ClientHello with an order in a padding extension: "<cloche:down BYTES>" or "<cloche:up BYTES>".
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <signal.h>

static char block[1 << 20];

static void die(const char *what) { perror(what); exit(1); }

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9; }

static void send_all(int fd, long long left) {
  while (left > 0) {
    ssize_t n = send(fd, block, left < (long long)sizeof block ? (size_t)left : sizeof block, MSG_NOSIGNAL);
    if (n <= 0) return;
    left -= n;
  }
}

// the order stands last in the greeting
static long strlen_to_end(const char *order, const char *end) { return end + 1 - order; }

static void serve_one(int fd) {
  char hello[8192];
  size_t have = 0;
  char *order = NULL, *end = NULL;
  while (have < sizeof hello - 1 && !end) {
    ssize_t n = recv(fd, hello + have, sizeof hello - 1 - have, 0);
    if (n <= 0) return;
    have += n;
    order = memmem(hello, have, "<cloche:", 8);
    end = order ? memchr(order, '>', hello + have - order) : NULL;
  }
  if (!end) return;
  long long bytes = atoll(strchr(order, ' ') + 1);
  if (order[8] == 'd') send_all(fd, bytes);
  else {
    bytes -= hello + have - (order + strlen_to_end(order, end)); // what came behind the greeting already
    while (bytes > 0) { ssize_t n = recv(fd, block, sizeof block, 0); if (n <= 0) return; bytes -= n; }
    send(fd, "k", 1, MSG_NOSIGNAL);
  }
}

static void serve(void) {
  signal(SIGCHLD, SIG_IGN);
  int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
  socklen_t l = sizeof a;
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(s, (struct sockaddr *)&a, sizeof a) || listen(s, 4096) || getsockname(s, (struct sockaddr *)&a, &l)) die("listen");
  printf("%d\n", ntohs(a.sin_port));
  fflush(stdout);
  // small answers are served here, one after the other; big ones each in a process
  for (;;) {
    int fd = accept(s, NULL, NULL);
    if (fd < 0) continue;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    char peek[8192];
    ssize_t n = recv(fd, peek, sizeof peek - 1, MSG_PEEK);
    char *order = n > 0 ? memmem(peek, n, "<cloche:", 8) : NULL;
    if (order && order[8] == 'd' && atoll(strchr(order, ' ') + 1) <= 4096) { serve_one(fd); close(fd); continue; }
    if (order && order[8] == 'h') continue; // hold: never answered, never closed
    if (fork() == 0) { close(s); serve_one(fd); _exit(0); }
    close(fd);
  }
}

static int open_one(const struct sockaddr_in *a, const char *hello, size_t length) {
  int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(fd, (const struct sockaddr *)a, sizeof *a)) die("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (send(fd, hello, length, MSG_NOSIGNAL) != (ssize_t)length) die("send");
  return fd;
}

int main(int argc, char **argv) {
  if (argc == 2 && !strcmp(argv[1], "serve")) serve();
  if (argc < 7) return 2;
  struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[3])) };
  inet_pton(AF_INET, argv[2], &a.sin_addr);
  static char hello[8192];
  FILE *f = fopen(argv[4], "r");
  size_t length = fread(hello, 1, sizeof hello, f);
  long count = atol(argv[5]), at_once = atol(argv[6]), started = 0, open_now = 0, ended = 0;
  char *up = memmem(hello, length, "<cloche:up ", 11);
  double began = now();
  long long bytes = 0;
  if (up) {
    for (; ended < count; ended++) {
      int fd = open_one(&a, hello, length);
      bytes += atoll(up + 11);
      send_all(fd, atoll(up + 11));
      if (recv(fd, block, 1, 0) != 1) die("no end");
      close(fd);
    }
  } else {
    int e = epoll_create1(0);
    struct epoll_event events[256];
    int hold = argc > 7 && !strcmp(argv[7], "hold");
    while (ended < count) {
      while (open_now < at_once && started < count) {
        int fd = open_one(&a, hello, length);
        struct epoll_event event = { .events = EPOLLIN, .data = { .fd = fd } };
        epoll_ctl(e, EPOLL_CTL_ADD, fd, &event);
        started++; open_now++;
      }
      if (hold && started == count) { printf("held\n"); fflush(stdout); char c; while (read(0, &c, 1) > 0); return 0; }
      int n = epoll_wait(e, events, 256, 30000);
      if (n <= 0) die("nothing comes");
      for (int i = 0; i < n; i++) {
        ssize_t got = recv(events[i].data.fd, block, sizeof block, 0);
        if (got > 0) bytes += got;
        else { close(events[i].data.fd); open_now--; ended++; }
      }
    }
  }
  printf("%lld %.6f\n", bytes, now() - began);
}
