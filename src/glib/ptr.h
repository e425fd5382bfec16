// Ownership of C objects in the type, and signal connections that end with their owner.
//
// `Release` is declared and not defined: each area specialises it, in one line, for every C type it
// owns. A type that is not listed does not compile, because g_object_unref on everything breaks on
// mini objects.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include <glib-object.h>

namespace callagent::glib {

template <typename T>
struct Release;

struct ReleaseObject {
    void operator()(gpointer object) const noexcept { g_object_unref(object); }
};

template <>
struct Release<GObject> : ReleaseObject {
};
template <>
struct Release<GMainLoop> {
    void operator()(GMainLoop *p) const noexcept { g_main_loop_unref(p); }
};
template <>
struct Release<GError> {
    void operator()(GError *p) const noexcept { g_error_free(p); }
};
template <>
struct Release<char> {
    void operator()(char *p) const noexcept { g_free(p); }
};

template <>
struct Release<guchar> {
    void operator()(guchar *p) const noexcept { g_free(p); }
};

template <typename T>
using Ptr = std::unique_ptr<T, Release<T>>;

// Named after GObject introspection's transfer annotations.
template <typename T>
Ptr<T> adopt(T *full)  // transfer full: now ours
{
    return Ptr<T>(full);
}

template <typename T>
Ptr<T> retain(T *none)  // transfer none: a reference of our own (GObjects only)
{
    if (none)
        g_object_ref(none);
    return Ptr<T>(none);
}

template <typename T>
Ptr<T> sink(T *floating)  // transfer floating
{
    if (floating)
        g_object_ref_sink(floating);
    return Ptr<T>(floating);
}

// A signal connection: destroying it disconnects, and holds the object until then.
class Connection {
public:
    Connection() = default;
    Connection(gpointer object, gulong id) : object_(retain(G_OBJECT(object))), id_(id) {}
    Connection(Connection &&other) noexcept
        : object_(std::move(other.object_)), id_(std::exchange(other.id_, 0))
    {
    }
    Connection &operator=(Connection &&other) noexcept
    {
        disconnect();
        object_ = std::move(other.object_);
        id_ = std::exchange(other.id_, 0);
        return *this;
    }
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;
    ~Connection() { disconnect(); }

    void disconnect()
    {
        if (object_ && id_ && g_signal_handler_is_connected(object_.get(), id_))
            g_signal_handler_disconnect(object_.get(), id_);
        id_ = 0;
        object_.reset();
    }

private:
    Ptr<GObject> object_;
    gulong id_ = 0;
};

namespace detail {

template <typename Signature>
struct Trampoline;

template <typename R, typename... Args>
struct Trampoline<R(Args...)> {
    using Function = std::function<R(Args...)>;

    // noexcept: nothing may unwind through C.
    static R call(Args... args, gpointer data) noexcept
    {
        return (*static_cast<Function *>(data))(args...);
    }
    static void destroy(gpointer data, GClosure *) noexcept
    {
        delete static_cast<Function *>(data);
    }
};

}  // namespace detail

// connect<void(GstElement *, guint, char *)>(webrtc, "on-ice-candidate", lambda): the lambda is
// called on whatever thread emits the signal.
template <typename Signature, typename Callable>
[[nodiscard]] Connection connect(gpointer object, const char *signal, Callable callable)
{
    using Trampoline = detail::Trampoline<Signature>;
    const auto id =
        g_signal_connect_data(object, signal, reinterpret_cast<GCallback>(&Trampoline::call),
                              new typename Trampoline::Function(std::move(callable)),
                              &Trampoline::destroy, static_cast<GConnectFlags>(0));
    return Connection(object, id);
}

}  // namespace callagent::glib
