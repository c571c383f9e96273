// Receivers that repeat in their answers what they were sent, the key in the address or in a header too: answers end
// up in the log and on the page.
#pragma once

#include "common/http/message.hpp"

#include <string>
#include <vector>

namespace pifleet::forwarder {

class OwnSecrets {
  public:
    explicit OwnSecrets(const http::Request& request);
    /// Masks them in the body of an answer that is no success.
    void hide(http::Response& answer) const;

  private:
    std::vector<std::string> secrets_;
};

}  // namespace pifleet::forwarder
