// A question to the system that may never be answered: asked on a thread of its own, which is left
// behind when it takes too long.
#pragma once

#include <chrono>
#include <future>
#include <thread>
#include <utility>

namespace callagent::media {

// What `work` returns, or `otherwise` after `at_most`. `work` owns all that it touches.
template <typename Work, typename Answer>
Answer bounded(std::chrono::milliseconds at_most, Work work, Answer otherwise)
{
    std::promise<Answer> promise;
    auto answer = promise.get_future();
    std::thread([work = std::move(work), promise = std::move(promise)]() mutable {
        promise.set_value(work());
    }).detach();
    return answer.wait_for(at_most) == std::future_status::ready ? answer.get()
                                                                 : std::move(otherwise);
}

}  // namespace callagent::media
