/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sends one command line to ims-agw's control socket and prints the answer. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char usage[] =
    "usage: agwctl [-s SOCKET] COMMAND\n"
    "  status                   association, contexts, ports\n"
    "  list                     one line a context\n"
    "  show CONTEXT             one context with streams and counters\n"
    "  dump                     all contexts so\n"
    "  trace CONTEXT on|off     its media, in clear, to pcap files\n"
    "  drain | undrain          take no new calls, end with the last | stay after all\n"
    "  reload | stop\n";

int main(int argc, char **argv)
{
	const char *path = "/run/ims-agw/control";
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	char buf[4096];
	size_t len = 0;
	ssize_t n;
	int opt, fd, error = 0;

	while ((opt = getopt(argc, argv, "s:h")) != -1) {
		if (opt != 's') {
			fputs(usage, opt == 'h' ? stdout : stderr);
			return opt == 'h' ? EXIT_SUCCESS : 2;
		}
		path = optarg;
	}
	if (optind == argc || strlen(path) >= sizeof(a.sun_path)) {
		fputs(usage, stderr);
		return 2;
	}
	for (int i = optind; i < argc; i++) {
		n = snprintf(buf + len, sizeof(buf) - len, i > optind ? " %s" : "%s", argv[i]);
		if (n < 0 || (size_t)n + 2 > sizeof(buf) - len) {
			fputs("agwctl: command too long\n", stderr);
			return 2;
		}
		len += (size_t)n;
	}
	buf[len++] = '\n';
	strcpy(a.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    write(fd, buf, len) != (ssize_t)len) {
		fprintf(stderr, "agwctl: %s: %s\n", path, strerror(errno));
		return EXIT_FAILURE;
	}
	for (int first = 1; (n = read(fd, buf, sizeof(buf))) > 0; first = 0) {
		if (first && n >= 6 && memcmp(buf, "error:", 6) == 0)
			error = 1;
		fwrite(buf, 1, (size_t)n, error ? stderr : stdout);
	}
	close(fd);
	return error ? EXIT_FAILURE : EXIT_SUCCESS;
}
