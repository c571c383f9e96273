// Boost.JSON itself, compiled here once.
#include <boost/json/src.hpp>
