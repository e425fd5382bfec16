#include "signaling/batch.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace callagent::signaling {
namespace {

constexpr std::size_t kLarge = std::size_t{16} << 10;  // bytes
constexpr gint64 kPatience = 1000;                     // microseconds

}  // namespace

// The batches that have something waiting.
class Batch::All {
public:
    static All &get()
    {
        static All all;
        return all;
    }

    void add(Batch *batch)
    {
        if (batches_.empty())
            since_ = g_get_monotonic_time();
        batches_.push_back(batch);
        if (!quiet_)
            quiet_ = glib::when_quiet([this] { write(); });
    }

    void remove(Batch *batch)
    {
        batches_.erase(std::remove(batches_.begin(), batches_.end(), batch), batches_.end());
    }

    void write()
    {
        for (auto *batch : std::exchange(batches_, {}))
            batch->write();
    }

    bool overdue() const
    {
        return !batches_.empty() && g_get_monotonic_time() - since_ > kPatience;
    }

private:
    std::vector<Batch *> batches_;
    gint64 since_ = 0;  // when the first of them came
    glib::Source quiet_;
};

Batch::~Batch()
{
    All::get().remove(this);
}

void Batch::add(std::string_view bytes)
{
    if (waiting_.empty())
        All::get().add(this);
    waiting_.append(bytes);
    if (waiting_.size() >= kLarge) {
        All::get().remove(this);
        write();
    }
}

void Batch::close()
{
    All::get().remove(this);
    write();
    writable_.cancel();
    waiting_.clear();
}

void Batch::write_overdue()
{
    if (auto &all = All::get(); all.overdue())
        all.write();
}

void Batch::write()
{
    if (waiting_.empty() || blocked())
        return;
    GError *raw = nullptr;
    const auto put = g_pollable_output_stream_write_nonblocking(base_, waiting_.data(),
                                                                waiting_.size(), nullptr, &raw);
    const auto error = glib::adopt(raw);
    if (error && error->code != G_IO_ERROR_WOULD_BLOCK)
        return waiting_.clear();  // whoever reads finds out as well
    if (put > 0) {
        counts_.written += static_cast<std::uint64_t>(put);
        counts_.deaf = 0;
        waiting_.erase(0, static_cast<std::size_t>(put));
    }
    if (waiting_.empty()) {
        if (waiting_.capacity() > kLarge)
            waiting_.shrink_to_fit();
        return;
    }
    auto *source = g_pollable_output_stream_create_source(base_, nullptr);
    const GPollableSourceFunc again = [](GObject *, gpointer data) -> gboolean {
        auto *self = static_cast<Batch *>(data);
        const glib::Source done = std::move(self->writable_);
        self->write();
        return G_SOURCE_REMOVE;
    };
    g_source_set_callback(source, G_SOURCE_FUNC(again), this, nullptr);
    g_source_attach(source, nullptr);
    writable_ = glib::Source(source);
}

}  // namespace callagent::signaling
