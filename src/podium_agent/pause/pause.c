/* The first process of a task: it holds the task's namespaces, reaps orphans, and ends on SIGTERM.

   With -n it was started in the host's network, with CAP_SYS_ADMIN, and makes the task's network
   namespace itself: that takes half the time Docker does. Either way it then gives up root, and with
   it every capability. It says "ready" once nothing is left to do.

   It needs no C library, so that the whole of it is a kilobyte. `build`, beside this, builds it for every machine. */

typedef unsigned long word;

enum { CLONE_NEWNET = 0x40000000, NOBODY = 65534, SIGINT = 2, SIGTERM = 15, SIGCHLD = 17, SIG_BLOCK = 0, WNOHANG = 1 };

#if defined(__x86_64__)
enum { WRITE = 1, RT_SIGPROCMASK = 14, EXIT = 60, WAIT4 = 61, SETGROUPS = 116, SETRESUID = 117, SETRESGID = 119,
       RT_SIGTIMEDWAIT = 128, UNSHARE = 272 };

static long call(long number, word a, word b, word c, word d) {
    long result;
    register word fourth __asm__("r10") = d;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth) : "rcx", "r11", "memory");
    return result;
}

__asm__(".globl _start\n_start:\n  mov %rsp, %rdi\n  and $-16, %rsp\n  call begin\n");
#elif defined(__aarch64__)
enum { WRITE = 64, EXIT = 93, UNSHARE = 97, RT_SIGPROCMASK = 135, RT_SIGTIMEDWAIT = 137, SETRESUID = 147, SETRESGID = 149,
       SETGROUPS = 159, WAIT4 = 260 };

static long call(long number, word a, word b, word c, word d) {
    register long eighth __asm__("x8") = number;
    register word first __asm__("x0") = a, second __asm__("x1") = b, third __asm__("x2") = c, fourth __asm__("x3") = d;
    __asm__ volatile("svc 0" : "+r"(first) : "r"(eighth), "r"(second), "r"(third), "r"(fourth) : "memory");
    return (long)first;
}

__asm__(".globl _start\n_start:\n  mov x0, sp\n  bl begin\n");
#endif

enum { STDOUT = 1, STDERR = 2, MASK_BYTES = 8 };

static void fail(const char *text, word length) {
    call(WRITE, STDERR, (word)text, length, 0);
    call(EXIT, 1, 0, 0, 0);
}
#define FAIL(text) fail(text "\n", sizeof(text))

__attribute__((used, noreturn)) void begin(word *stack) {
    const char *option = stack[0] > 1 ? (const char *)stack[2] : "";
    const word mask = 1UL << (SIGINT - 1) | 1UL << (SIGTERM - 1) | 1UL << (SIGCHLD - 1);

    call(RT_SIGPROCMASK, SIG_BLOCK, (word)&mask, 0, MASK_BYTES);  /* kept until they are waited for, by process 1 too */
    if (option[0] == '-' && option[1] == 'n' && call(UNSHARE, CLONE_NEWNET, 0, 0, 0))
        FAIL("pause: cannot make a network namespace");
    if (call(SETGROUPS, 0, 0, 0, 0) || call(SETRESGID, NOBODY, NOBODY, NOBODY, 0) || call(SETRESUID, NOBODY, NOBODY, NOBODY, 0))
        FAIL("pause: cannot give up root");
    call(WRITE, STDOUT, (word)"ready\n", 6, 0);
    for (;;) {
        long caught = call(RT_SIGTIMEDWAIT, (word)&mask, 0, 0, MASK_BYTES);
        if (caught == SIGTERM || caught == SIGINT)
            call(EXIT, 0, 0, 0, 0);
        while (caught == SIGCHLD && call(WAIT4, -1UL, 0, WNOHANG, 0) > 0)
            ;
    }
}
