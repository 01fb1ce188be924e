//! What the dollars of every report count and leave out: said in one place, and printed wherever money is.

use crate::decide::platform::PricesUsed;

/// What a bill has beside what is counted.
pub const NOT_COUNTED: &str = "Not counted: data transfer, NAT and public addresses, storage (EBS, EFS, images), logs \
                               and metrics, a load balancer's capacity units, and discounts that aren't in the prices.";

/// Where the prices are from, and what isn't in them. Of decisions alone nobody knows.
pub fn terms(prices: &[PricesUsed]) -> String {
    let books: Vec<String> = prices.iter().map(|book| format!("{} ({})", book.date, book.region)).collect();
    let from = match books.as_slice() {
        [] => "Prices of the policy that each was decided by".to_owned(),
        books => format!("List prices of {}", books.join(" and ")),
    };
    format!("{from}, people's hours included. {NOT_COUNTED}")
}
