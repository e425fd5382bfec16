// Preloaded: says on stderr who handles SIGSEGV from now on, ours by the program's own name.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

int sigaction(int number, const struct sigaction *action, struct sigaction *former)
{
    int (*real)(int, const struct sigaction *, struct sigaction *) = dlsym(RTLD_NEXT, "sigaction");
    Dl_info where;
    if (number == SIGSEGV && action && dladdr((void *)action->sa_handler, &where)) {
        const char *name = strrchr(where.dli_fname, '/');
        fprintf(stderr, "SIGSEGV: %s\n", name ? name + 1 : where.dli_fname);
    }
    return real(number, action, former);
}
