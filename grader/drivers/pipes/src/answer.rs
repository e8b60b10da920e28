//! The student's results as records.

use pipes::Error;
use protocol::Content;
use protocol::pipes::{Answer, Said};

pub fn bytes(result: Result<Vec<u8>, Error>) -> Said {
    result.map_or_else(refused, |bytes| Said::Answer(Answer::Bytes(Content::of(&bytes))))
}

pub fn captured(result: Result<(Vec<u8>, i32), Error>) -> Said {
    let answer = |(bytes, status): (Vec<u8>, i32)| Answer::Captured { output: Content::of(&bytes), status };
    result.map_or_else(refused, |captured| Said::Answer(answer(captured)))
}

pub fn ended(result: Result<Vec<i32>, Error>) -> Said {
    result.map_or_else(refused, |statuses| Said::Answer(Answer::Ended(statuses)))
}

pub fn status(result: Result<i32, Error>) -> Said {
    result.map_or_else(refused, |status| Said::Answer(Answer::Status(status)))
}

pub fn refused(error: Error) -> Said {
    match error {
        Error::Ended { came } => Said::Answer(Answer::Early { came }),
        Error::Call { errno, .. } => Said::Refused { message: error.to_string(), errno: Some(errno as i32) },
    }
}

pub fn returned<T>(result: Result<T, Error>) -> Said {
    result.map_or_else(refused, |_| Said::Returned)
}
