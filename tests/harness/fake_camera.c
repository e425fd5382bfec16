/* A camera for tests, where the kernel has none to lend: preloaded into a program, it is what the program finds
 * behind one device node (which must exist and be a character device).
 *
 *   FAKE_CAMERA=/path/of/node      FAKE_CAMERA_FORMAT=yuyv|mjpeg
 *   FAKE_CAMERA_JPEG=FILE          the picture of an mjpeg camera, 640x480
 *   FAKE_CAMERA_FAULT=busy         somebody else streams from it
 *                     unplugged    is pulled out as soon as there is a file of the node's name with .fault
 *                     frozen       says nothing any more from then on
 *
 * It offers 640x480 and 1280x720 at 30 frames a second, and nothing else. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum { kBuffers = 8, kSpace = 4 << 20 };

static struct {
    int fd;      /* a timer: readable when a frame is due */
    int copy;    /* of it: v4l2src's buffers have one of their own */
    int memory;  /* the buffers */
    unsigned width, height, frame, count;
    unsigned queue[kBuffers], queued;
    uint8_t *jpeg;
    unsigned jpeg_size;
} camera = {.fd = -1, .copy = -1, .width = 640, .height = 480};

static const char *setting(const char *name)
{
    const char *value = getenv(name);
    return value ? value : "";
}

static int ours(int fd) { return fd >= 0 && (fd == camera.fd || fd == camera.copy); }
static int fault(const char *name) { return strcmp(setting("FAKE_CAMERA_FAULT"), name) == 0; }

static int fault_now(const char *name)
{
    char path[4096];
    if (!fault(name))
        return 0;
    snprintf(path, sizeof path, "%s.fault", setting("FAKE_CAMERA"));
    return access(path, F_OK) == 0;
}

static int mjpeg(void) { return strcmp(setting("FAKE_CAMERA_FORMAT"), "mjpeg") == 0; }
static unsigned pixel_format(void) { return mjpeg() ? V4L2_PIX_FMT_MJPEG : V4L2_PIX_FMT_YUYV; }
static unsigned picture_size(void) { return camera.width * camera.height * 2; }

static int opened(const char *path)
{
    if (*setting("FAKE_CAMERA") == '\0' || strcmp(path, setting("FAKE_CAMERA")) != 0)
        return 0;
    camera.fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (camera.memory == 0) {
        camera.memory = memfd_create("camera", MFD_CLOEXEC);
        if (ftruncate(camera.memory, (off_t)kBuffers * kSpace) != 0)
            return 0;
    }
    FILE *file = mjpeg() ? fopen(setting("FAKE_CAMERA_JPEG"), "rb") : NULL;
    if (file) {
        camera.jpeg = malloc(kSpace);
        camera.jpeg_size = (unsigned)fread(camera.jpeg, 1, kSpace, file);
        fclose(file);
    }
    camera.frame = camera.queued = 0;
    return 1;
}

#define OPEN(name)                                                                   \
    int name(const char *path, int flags, ...)                                       \
    {                                                                                \
        static int (*real)(const char *, int, ...);                                  \
        if (!real)                                                                   \
            real = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name);         \
        va_list rest;                                                                \
        va_start(rest, flags);                                                       \
        const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
        va_end(rest);                                                                \
        return opened(path) ? camera.fd : real(path, flags, mode);                   \
    }
OPEN(open)
OPEN(open64)

#define OPEN_2(name, other)                  \
    int name(const char *path, int flags)    \
    {                                        \
        return other(path, flags);           \
    }
OPEN_2(__open_2, open)
OPEN_2(__open64_2, open64)

#define MMAP(name)                                                                                          \
    void *name(void *address, size_t length, int protection, int flags, int fd, off64_t offset)             \
    {                                                                                                       \
        static void *(*real)(void *, size_t, int, int, int, off64_t);                                       \
        if (!real)                                                                                          \
            real = (void *(*)(void *, size_t, int, int, int, off64_t))dlsym(RTLD_NEXT, #name);              \
        return real(address, length, protection, flags, ours(fd) ? camera.memory : fd, offset); \
    }
MMAP(mmap)
MMAP(mmap64)

static void tick(int on)
{
    const struct timespec period = {0, on ? 33333333 : 0};
    const struct itimerspec timer = {period, period};
    timerfd_settime(camera.fd, 0, &timer, NULL);
}

static int size_at(unsigned index, unsigned *width, unsigned *height)
{
    static const unsigned sizes[][2] = {{640, 480}, {1280, 720}};
    if (index >= 2)
        return 0;
    *width = sizes[index][0];
    *height = sizes[index][1];
    return 1;
}

static void fill_format(struct v4l2_pix_format *format)
{
    const int large = format->width > 800;
    size_at((unsigned)large, &format->width, &format->height);
    format->pixelformat = pixel_format();
    format->field = V4L2_FIELD_NONE;
    format->bytesperline = mjpeg() ? 0 : format->width * 2;
    format->sizeimage = format->width * format->height * 2;
    format->colorspace = V4L2_COLORSPACE_SRGB;
    format->flags = 0;
    format->priv = 0;
}

/* A grey picture with a bright column that walks. */
static unsigned draw(uint8_t *picture)
{
    if (camera.jpeg) {
        memcpy(picture, camera.jpeg, camera.jpeg_size);
        return camera.jpeg_size;
    }
    for (unsigned i = 0; i < picture_size(); i += 2) {
        const unsigned x = i / 2 % camera.width;
        picture[i] = x / 16 == camera.frame % (camera.width / 16) ? 235 : 90;
        picture[i + 1] = 128;
    }
    return picture_size();
}

static int fail(int error)
{
    errno = error;
    return -1;
}

static int dequeue(struct v4l2_buffer *buffer)
{
    uint64_t ticks;
    if (fault_now("unplugged"))
        return fail(ENODEV);
    if (camera.queued == 0 || read(camera.fd, &ticks, sizeof ticks) < 0)
        return fail(EAGAIN);
    if (fault_now("frozen"))
        tick(0);
    const unsigned index = camera.queue[0];
    memmove(camera.queue, camera.queue + 1, --camera.queued * sizeof *camera.queue);
    uint8_t *picture = mmap(NULL, kSpace, PROT_WRITE, MAP_SHARED, camera.memory, (off_t)index * kSpace);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    buffer->index = index;
    buffer->bytesused = draw(picture);
    munmap(picture, kSpace);
    buffer->flags = V4L2_BUF_FLAG_MAPPED | V4L2_BUF_FLAG_DONE | V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    buffer->field = V4L2_FIELD_NONE;
    buffer->sequence = camera.frame++;
    buffer->timestamp.tv_sec = now.tv_sec;
    buffer->timestamp.tv_usec = now.tv_nsec / 1000;
    buffer->memory = V4L2_MEMORY_MMAP;
    buffer->m.offset = index * kSpace;
    buffer->length = kSpace;
    return 0;
}

static int asked(unsigned long request, void *argument)
{
    switch ((uint32_t)request) {
    case VIDIOC_QUERYCAP: {
        struct v4l2_capability *capability = argument;
        memset(capability, 0, sizeof *capability);
        strcpy((char *)capability->driver, "fake");
        strcpy((char *)capability->card, "Fake Camera");
        strcpy((char *)capability->bus_info, "fake:0");
        capability->version = 0x050000;
        capability->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
        capability->capabilities = capability->device_caps | V4L2_CAP_DEVICE_CAPS;
        return 0;
    }
    case VIDIOC_ENUMINPUT: {
        struct v4l2_input *input = argument;
        if (input->index > 0)
            return fail(EINVAL);
        memset(input, 0, sizeof *input);
        strcpy((char *)input->name, "Camera 1");
        input->type = V4L2_INPUT_TYPE_CAMERA;
        return 0;
    }
    case VIDIOC_G_INPUT:
        *(int *)argument = 0;
        return 0;
    case VIDIOC_S_INPUT:
        return 0;
    case VIDIOC_ENUM_FMT: {
        struct v4l2_fmtdesc *format = argument;
        if (format->index > 0 || format->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
            return fail(EINVAL);
        format->flags = mjpeg() ? V4L2_FMT_FLAG_COMPRESSED : 0;
        strcpy((char *)format->description, mjpeg() ? "Motion-JPEG" : "YUYV 4:2:2");
        format->pixelformat = pixel_format();
        return 0;
    }
    case VIDIOC_ENUM_FRAMESIZES: {
        struct v4l2_frmsizeenum *size = argument;
        size->type = V4L2_FRMSIZE_TYPE_DISCRETE;
        return size->pixel_format == pixel_format() && size_at(size->index, &size->discrete.width, &size->discrete.height)
                   ? 0
                   : fail(EINVAL);
    }
    case VIDIOC_ENUM_FRAMEINTERVALS: {
        struct v4l2_frmivalenum *interval = argument;
        if (interval->index > 0)
            return fail(EINVAL);
        interval->type = V4L2_FRMIVAL_TYPE_DISCRETE;
        interval->discrete.numerator = 1;
        interval->discrete.denominator = 30;
        return 0;
    }
    case VIDIOC_G_FMT:
    case VIDIOC_TRY_FMT:
    case VIDIOC_S_FMT: {
        struct v4l2_format *format = argument;
        if (format->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
            return fail(EINVAL);
        if ((uint32_t)request == VIDIOC_G_FMT) {
            format->fmt.pix.width = camera.width;
            format->fmt.pix.height = camera.height;
        }
        fill_format(&format->fmt.pix);
        if ((uint32_t)request == VIDIOC_S_FMT) {
            if (fault("busy"))
                return fail(EBUSY);
            camera.width = format->fmt.pix.width;
            camera.height = format->fmt.pix.height;
        }
        return 0;
    }
    case VIDIOC_G_PARM:
    case VIDIOC_S_PARM: {
        struct v4l2_captureparm *parameters = &((struct v4l2_streamparm *)argument)->parm.capture;
        memset(parameters, 0, sizeof *parameters);
        parameters->capability = V4L2_CAP_TIMEPERFRAME;
        parameters->timeperframe.numerator = 1;
        parameters->timeperframe.denominator = 30;
        return 0;
    }
    case VIDIOC_REQBUFS: {
        struct v4l2_requestbuffers *buffers = argument;
        if (fault("busy"))
            return fail(EBUSY);
        if (buffers->memory != V4L2_MEMORY_MMAP)
            return fail(EINVAL);
        if (buffers->count > kBuffers)
            buffers->count = kBuffers;
        camera.count = buffers->count;
        camera.queued = 0;
        buffers->capabilities = V4L2_BUF_CAP_SUPPORTS_MMAP;
        return 0;
    }
    case VIDIOC_QUERYBUF: {
        struct v4l2_buffer *buffer = argument;
        if (buffer->index >= camera.count)
            return fail(EINVAL);
        buffer->memory = V4L2_MEMORY_MMAP;
        buffer->m.offset = buffer->index * kSpace;
        buffer->length = kSpace;
        buffer->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
        return 0;
    }
    case VIDIOC_QBUF: {
        struct v4l2_buffer *buffer = argument;
        if (buffer->index >= camera.count || camera.queued == kBuffers)
            return fail(EINVAL);
        camera.queue[camera.queued++] = buffer->index;
        buffer->flags = V4L2_BUF_FLAG_QUEUED | V4L2_BUF_FLAG_MAPPED;
        return 0;
    }
    case VIDIOC_DQBUF:
        return dequeue(argument);
    case VIDIOC_STREAMON:
        if (fault("busy"))
            return fail(EBUSY);
        tick(1);
        return 0;
    case VIDIOC_STREAMOFF:
        tick(0);
        camera.queued = 0;
        return 0;
    default:
        return fail(ENOTTY);
    }
}

int ioctl(int fd, unsigned long request, ...)
{
    static int (*real)(int, unsigned long, ...);
    if (!real)
        real = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    return ours(fd) ? asked(request, argument) : real(fd, request, argument);
}

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
    static int (*real)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
    if (!real)
        real = (int (*)(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *))dlsym(RTLD_NEXT, "ppoll");
    const int ready = real(fds, count, timeout, mask);
    for (nfds_t i = 0; i < count; ++i)
        if (ours(fds[i].fd) && fault_now("unplugged"))
            fds[i].revents = POLLERR | POLLHUP;
    return ready;
}

int dup(int fd)
{
    static int (*real)(int);
    if (!real)
        real = (int (*)(int))dlsym(RTLD_NEXT, "dup");
    const int copy = real(fd);
    if (ours(fd))
        camera.copy = copy;
    return copy;
}

int close(int fd)
{
    static int (*real)(int);
    if (!real)
        real = (int (*)(int))dlsym(RTLD_NEXT, "close");
    if (fd == camera.fd)
        camera.fd = -1;
    if (fd == camera.copy)
        camera.copy = -1;
    return real(fd);
}
