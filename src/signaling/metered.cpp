#include "signaling/metered.h"

#include <algorithm>

#include "signaling/batch.h"

namespace callagent::signaling {
namespace {

// How much one client may have read before the main loop looks after the others.
constexpr gsize kTurn = gsize{32} << 10;

constexpr std::uint64_t kDeaf = 64'000;  // bytes from a client that takes nothing meanwhile

// G_DEFINE_TYPE for C++: its macros are full of casts that ours are not to have.
template <typename Instance, typename Class>
GType define(GType parent, const char *name, GClassInitFunc init)
{
    return g_type_register_static_simple(parent, name, sizeof(Class), init, sizeof(Instance),
                                         nullptr, G_TYPE_FLAG_NONE);
}

// `Interface`'s init function for the type.
template <auto Init>
void implement(GType type, GType interface)
{
    static constexpr GInterfaceInfo kInfo = {[](gpointer vtable, gpointer) { Init(vtable); },
                                             nullptr, nullptr};
    g_type_add_interface_static(type, interface, &kInfo);
}

// ---- What is written

struct MeteredOutput {
    GFilterOutputStream parent;
    Meter *meter;
    Batch *batch;
};
struct MeteredOutputClass {
    GFilterOutputStreamClass parent;
};

GPollableOutputStream *base_of(GPollableOutputStream *stream)
{
    return G_POLLABLE_OUTPUT_STREAM(
        g_filter_output_stream_get_base_stream(G_FILTER_OUTPUT_STREAM(stream)));
}

void output_finalize(GObject *object)
{
    delete reinterpret_cast<MeteredOutput *>(object)->batch;
    auto *parent = static_cast<GObjectClass *>(g_type_class_peek(G_TYPE_FILTER_OUTPUT_STREAM));
    parent->finalize(object);
}

void output_class_init(gpointer klass, gpointer)
{
    G_OBJECT_CLASS(klass)->finalize = output_finalize;
}

gboolean output_can_poll(GPollableOutputStream *stream)
{
    return g_pollable_output_stream_can_poll(base_of(stream));
}

gboolean output_is_writable(GPollableOutputStream *stream)
{
    return g_pollable_output_stream_is_writable(base_of(stream));
}

GSource *output_create_source(GPollableOutputStream *stream, GCancellable *cancellable)
{
    auto *inner = g_pollable_output_stream_create_source(base_of(stream), cancellable);
    auto *source = g_pollable_source_new_full(stream, inner, cancellable);
    g_source_unref(inner);
    return source;
}

gssize output_write(GPollableOutputStream *stream, const void *buffer, gsize count, GError **error)
{
    auto *self = reinterpret_cast<MeteredOutput *>(stream);
    Batch::write_overdue();
    if (!self->meter->together) {
        const auto put = g_pollable_output_stream_write_nonblocking(base_of(stream), buffer, count,
                                                                    nullptr, error);
        if (put > 0)
            self->meter->written += static_cast<std::uint64_t>(put);
        return put;
    }
    if (self->batch->blocked()) {  // libsoup keeps it, and asks again
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "more is waiting");
        return -1;
    }
    self->batch->add({static_cast<const char *>(buffer), count});
    return static_cast<gssize>(count);
}

void output_pollable(gpointer vtable)
{
    auto *interface = static_cast<GPollableOutputStreamInterface *>(vtable);
    interface->can_poll = output_can_poll;
    interface->is_writable = output_is_writable;
    interface->create_source = output_create_source;
    interface->write_nonblocking = output_write;
}

GType output_type()
{
    static const GType type = [] {
        const auto defined = define<MeteredOutput, MeteredOutputClass>(
            G_TYPE_FILTER_OUTPUT_STREAM, "CallagentMeteredOutput", output_class_init);
        implement<output_pollable>(defined, G_TYPE_POLLABLE_OUTPUT_STREAM);
        return defined;
    }();
    return type;
}

// ---- What is read

struct MeteredInput {
    GFilterInputStream parent;
    Meter *meter;  // the MeteredStream's, which holds us
    Batch *batch;  // the output's; lives as long
    gsize turn;    // bytes left of it
};
struct MeteredInputClass {
    GFilterInputStreamClass parent;
};

GPollableInputStream *base_of(GPollableInputStream *stream)
{
    return G_POLLABLE_INPUT_STREAM(
        g_filter_input_stream_get_base_stream(G_FILTER_INPUT_STREAM(stream)));
}

gboolean input_can_poll(GPollableInputStream *stream)
{
    return g_pollable_input_stream_can_poll(base_of(stream));
}

gboolean input_is_readable(GPollableInputStream *stream)
{
    return g_pollable_input_stream_is_readable(base_of(stream));
}

// The reader goes back to the main loop.
GSource *input_create_source(GPollableInputStream *stream, GCancellable *cancellable)
{
    reinterpret_cast<MeteredInput *>(stream)->turn = kTurn;
    auto *inner = g_pollable_input_stream_create_source(base_of(stream), cancellable);
    auto *source = g_pollable_source_new_full(stream, inner, cancellable);
    g_source_unref(inner);
    return source;
}

gssize input_read(GPollableInputStream *stream, void *buffer, gsize count, GError **error)
{
    auto *self = reinterpret_cast<MeteredInput *>(stream);
    auto *meter = self->meter;
    Batch::write_overdue();
    if (meter->limit > 0 && meter->pending > meter->limit) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED, "a message without end");
        return -1;
    }
    // libsoup answers each ping, and keeps the answers of whoever takes none.
    if (self->batch->blocked() && meter->deaf > kDeaf) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED, "it sends and does not read");
        return -1;
    }
    if (self->turn == 0) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "others have their turn");
        return -1;
    }
    const auto got = g_pollable_input_stream_read_nonblocking(
        base_of(stream), buffer, std::min(count, self->turn), nullptr, error);
    if (got > 0) {
        self->turn -= static_cast<gsize>(got);
        meter->pending += static_cast<std::uint64_t>(got);
        meter->deaf = self->batch->blocked() ? meter->deaf + static_cast<std::uint64_t>(got) : 0;
    }
    return got;
}

void input_pollable(gpointer vtable)
{
    auto *interface = static_cast<GPollableInputStreamInterface *>(vtable);
    interface->can_poll = input_can_poll;
    interface->is_readable = input_is_readable;
    interface->create_source = input_create_source;
    interface->read_nonblocking = input_read;
}

GType input_type()
{
    static const GType type = [] {
        const auto defined = define<MeteredInput, MeteredInputClass>(
            G_TYPE_FILTER_INPUT_STREAM, "CallagentMeteredInput", nullptr);
        implement<input_pollable>(defined, G_TYPE_POLLABLE_INPUT_STREAM);
        return defined;
    }();
    return type;
}

// ---- Both

struct MeteredStream {
    GIOStream parent;
    Meter *meter;
    GIOStream *base;
    GInputStream *input;
    GOutputStream *output;
};
struct MeteredStreamClass {
    GIOStreamClass parent;
};

MeteredStream *self_of(gpointer object)
{
    return static_cast<MeteredStream *>(object);
}

void stream_finalize(GObject *object)
{
    auto *self = self_of(object);
    g_object_unref(self->input);
    g_object_unref(self->output);
    g_object_unref(self->base);
    delete self->meter;
    auto *parent = static_cast<GObjectClass *>(g_type_class_peek(G_TYPE_IO_STREAM));
    parent->finalize(object);
}

// A goodbye that waits goes out.
void before_close(MeteredStream *self)
{
    reinterpret_cast<MeteredOutput *>(self->output)->batch->close();
}

gboolean stream_close(GIOStream *stream, GCancellable *cancellable, GError **error)
{
    before_close(self_of(stream));
    return g_io_stream_close(self_of(stream)->base, cancellable, error);
}

void stream_close_async(GIOStream *stream, int priority, GCancellable *cancellable,
                        GAsyncReadyCallback done, gpointer data)
{
    before_close(self_of(stream));
    auto *task = g_task_new(stream, cancellable, done, data);
    g_io_stream_close_async(
        self_of(stream)->base, priority, cancellable,
        [](GObject *base, GAsyncResult *result, gpointer raw) {
            auto *waiting = static_cast<GTask *>(raw);
            GError *error = nullptr;
            if (g_io_stream_close_finish(G_IO_STREAM(base), result, &error))
                g_task_return_boolean(waiting, TRUE);
            else
                g_task_return_error(waiting, error);
            g_object_unref(waiting);
        },
        task);
}

gboolean stream_close_finish(GIOStream *, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

void stream_class_init(gpointer klass, gpointer)
{
    G_OBJECT_CLASS(klass)->finalize = stream_finalize;
    auto *stream = G_IO_STREAM_CLASS(klass);
    stream->get_input_stream = [](GIOStream *self) { return self_of(self)->input; };
    stream->get_output_stream = [](GIOStream *self) { return self_of(self)->output; };
    stream->close_fn = stream_close;
    stream->close_async = stream_close_async;
    stream->close_finish = stream_close_finish;
}

GType stream_type()
{
    static const GType type = define<MeteredStream, MeteredStreamClass>(
        G_TYPE_IO_STREAM, "CallagentMeteredStream", stream_class_init);
    return type;
}

}  // namespace

glib::Ptr<GIOStream> make_metered(GIOStream *base)
{
    auto *self = self_of(g_object_new(stream_type(), nullptr));
    self->meter = new Meter;
    self->base = G_IO_STREAM(g_object_ref(base));

    auto *input = static_cast<MeteredInput *>(g_object_new(input_type(), "base-stream",
                                                           g_io_stream_get_input_stream(base),
                                                           "close-base-stream", FALSE, nullptr));
    input->meter = self->meter;
    input->turn = kTurn;
    self->input = G_INPUT_STREAM(input);

    auto *output = static_cast<MeteredOutput *>(g_object_new(output_type(), "base-stream",
                                                             g_io_stream_get_output_stream(base),
                                                             "close-base-stream", FALSE, nullptr));
    output->meter = self->meter;
    output->batch = new Batch(base_of(G_POLLABLE_OUTPUT_STREAM(output)),
                              {self->meter->written, self->meter->deaf});
    input->batch = output->batch;
    self->output = G_OUTPUT_STREAM(output);
    return glib::adopt(G_IO_STREAM(self));
}

Meter &meter(GIOStream *metered)
{
    return *self_of(metered)->meter;
}

}  // namespace callagent::signaling
